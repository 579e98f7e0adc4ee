import { describe, expect, it } from 'vitest'
import { mayOpenOutside, pathInArguments, pathOfLink } from './links.ts'

describe('a deep link', () => {
  it.each([
    ['signalbox://local', '/local'],
    ['signalbox://local/', '/local'],
    ['signalbox://local/deliberations/d-1', '/local/deliberations/d-1'],
    ['signalbox://local/deliberations?filter=failed&text=a%20b', '/local/deliberations?filter=failed&text=a%20b'],
    ['signalbox://local/a/../../models', '/local/models'],
    ['signalbox://local/models#x', '/local/models'],
  ])('%s shows %s', (link, path) => {
    expect(pathOfLink(link)).toBe(path)
  })

  it.each([
    'https://local/models',
    'javascript:alert(1)',
    'signalbox:local/models',
    'signalbox:///models',
    'signalbox://user:pass@local/models',
    'signalbox://local:80/models',
    `signalbox://local/${'a'.repeat(2_000)}`,
    'not a link',
  ])('%s shows nothing', (link) => {
    expect(pathOfLink(link)).toBeUndefined()
  })

  it('is found among the arguments of a second start', () => {
    expect(pathInArguments(['/usr/bin/electron', '.', '--flag', 'signalbox://local/models'])).toBe('/local/models')
    expect(pathInArguments(['/usr/bin/electron', '.'])).toBeUndefined()
  })
})

describe('a link out of the page', () => {
  it.each(['https://huggingface.co/models', 'https://docs.vllm.ai/en/latest/?q=1#a'])('%s opens in the browser', (link) => {
    expect(mayOpenOutside(link)).toBe(true)
  })

  it.each([
    'http://example.org/',
    'file:///etc/passwd',
    'https://user@example.org/',
    'https://example.org:8443/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://localhost/',
    'https://a.localhost/',
    'mailto:a@example.org',
    'signalbox://local/models',
    'nonsense',
  ])('%s does not', (link) => {
    expect(mayOpenOutside(link)).toBe(false)
  })
})
