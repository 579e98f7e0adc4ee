import { describe, expect, it } from 'vitest'
import { connectionWords } from './connection-words.ts'

const now = 1_000_000
const plain = (text: string | undefined) => text?.replaceAll('\u00a0', ' ')

describe('what the frame says of the connection', () => {
  it('live needs no banner', () => {
    expect(connectionWords({ kind: 'live' }, now, null, now)).toMatchObject({
      chip: { text: 'Live', tone: 'good' },
      banner: null,
    })
  })

  it('before the first answer it shows how old the stored picture is', () => {
    const { chip } = connectionWords({ kind: 'connecting' }, now, null, now - 120_000)
    expect([chip.tone, plain(chip.text)]).toEqual(['stale', 'Cached, 2 m old'])
    expect(connectionWords({ kind: 'connecting' }, now, null, null).chip.text).toBe('Connecting')
  })

  const lost = { kind: 'reconnecting', attempt: 3, next_at: now + 4_200, reason: 'The host cannot be reached.' } as const

  it('a loss that just happened only changes the chip', () => {
    const words = connectionWords(lost, now, now - 500, now - 1_000)
    expect([plain(words.chip.text), words.banner]).toEqual(['Reconnecting in 5 s', null])
  })

  it('a longer loss says what failed, what is shown, what goes on and when it tries again', () => {
    const { banner } = connectionWords(lost, now, now - 9_000, now - 12_000)
    expect(plain(banner?.text)).toBe(
      'The host cannot be reached. What you see is the last known picture, 12 s old. Runs that were started go on while the host runs. Attempt 3 failed, next try in 5 s.',
    )
    expect(banner?.action).toBe('retry')
  })

  it('a refusal offers to reload, because trying again cannot help', () => {
    const { banner } = connectionWords({ kind: 'refused', reason: 'Reload the page.' }, now, now - 9_000, null)
    expect([banner?.tone, banner?.action, banner?.text]).toEqual([
      'bad',
      'reload',
      'The host refused this page: Reload the page. There is no earlier picture to show.',
    ])
  })
})
