import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkPageDir, pageResponse } from './page-files.ts'

let folder: string
let pageDir: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'page-'))
  pageDir = join(folder, 'page')
  await mkdir(join(pageDir, 'assets'), { recursive: true })
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await writeFile(join(pageDir, 'index.html'), '<meta property="csp-nonce" nonce="__CSP_NONCE__">')
  await writeFile(join(pageDir, 'assets', 'a.js'), 'let a')
})
afterAll(() => rm(folder, { recursive: true }))

const get = (path: string, method = 'GET') => pageResponse(pageDir, { method, url: `app://signalbox${path}` }, 'abc')

describe('a request for the page', () => {
  it.each(['/', '/index.html', '/local/deliberations/d-1', '/local/models?tab=a.b'])(
    '%s brings the page with the nonce of its policy',
    async (path) => {
      const response = await get(path)
      expect(await response.text()).toBe('<meta property="csp-nonce" nonce="abc">')
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(response.headers.get('content-security-policy')).toContain("style-src 'self' 'nonce-abc'")
    },
  )

  it('a file comes with its type and the same headers', async () => {
    const response = await get('/assets/a.js')
    expect(await response.text()).toBe('let a')
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%2e%2e%5csecret.txt',
    '/secret.txt',
    '/a%00.js',
    '/%ff.js',
    '/assets/b.js',
  ])('%s finds nothing', async (path) => {
    expect((await get(path)).status).toBe(404)
  })

  it('only GET is answered', async () => {
    expect((await get('/', 'POST')).status).toBe(405)
  })

  it('a folder without a built page is named, with what to do', async () => {
    await expect(checkPageDir(join(pageDir, 'assets'))).rejects.toThrow('Run "npm run build"')
  })
})
