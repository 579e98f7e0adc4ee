import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import * as z from 'zod'
import { connect } from '../../src-preload/channel/client.ts'
import { openSession } from '../../src-preload/channel/session.ts'
import { type AnyWebSocket, webSocketChannel } from '../../src-preload/channel/web-socket.ts'
import { call, type Handlers, stream } from '../../src-preload/contract/define.ts'
import { startServer } from './server.ts'

const contract = {
  echo: {
    say: call(z.strictObject({ text: z.string() }), z.object({ text: z.string() })),
    repeat: stream(z.strictObject({ text: z.string() }), z.object({ text: z.string() })),
  },
}
let streamEnded = false
const handlers: Handlers<typeof contract> = {
  echo: {
    say: ({ text }) => Promise.resolve({ text }),
    repeat: async function* ({ text }, signal) {
      yield { text }
      await once(signal, 'abort')
      streamEnded = true
    },
  },
}

const token = 'a-token-of-the-test'
let folder: string
let server: { url: string; stop(): Promise<void> }
let port: number
let logged: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'server-'))
  const pageDir = join(folder, 'page')
  await mkdir(join(pageDir, 'assets'), { recursive: true })
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await writeFile(join(pageDir, 'index.html'), '<meta property="csp-nonce" nonce="__CSP_NONCE__">the page')
  await writeFile(join(pageDir, 'assets', 'a.js'), 'let a')
  const log = pino({ level: 'debug' }, { write: (line) => void logged.push(line) })
  server = await startServer({ contract, handlers, pageDir, port: 0, token, log })
  port = Number(new URL(server.url).port)
})
beforeEach(() => (logged = []))
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

const bearer = { authorization: `Bearer ${token}` }

/** A request as it stands: nothing normalises the path or the headers. */
async function ask(path: string, headers: OutgoingHttpHeaders = bearer, method = 'GET') {
  const sent = request({ host: '127.0.0.1', port, path, method, headers, setHost: headers['host'] === undefined })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) body += String(chunk)
  return { status: response.statusCode, headers: response.headers, body }
}

function cookieOf(headers: IncomingHttpHeaders): string {
  return headers['set-cookie']?.[0]?.split(';')[0] ?? ''
}

function dial(headers: Record<string, string>, path = '/console') {
  return new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
}

async function dialled(): Promise<AnyWebSocket & WebSocket> {
  const socket = dial(bearer)
  await once(socket, 'open')
  return socket
}

async function statusOfRefusal(socket: WebSocket): Promise<number | undefined> {
  socket.on('error', () => undefined)
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  return response.statusCode
}

describe('the page', () => {
  it('is served to the link: its token becomes a cookie and leaves the address', async () => {
    const first = await ask(`/?token=${token}`, {})
    expect(first).toMatchObject({ status: 302, headers: { location: '/' } })
    expect(first.headers['set-cookie']?.[0]).toBe(`signalbox_${port}=${token}; Path=/; HttpOnly; SameSite=Strict`)
    const page = await ask('/', { cookie: `other=1; ${cookieOf(first.headers)}` })
    expect(page).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
    })
    expect(page.body).toContain('the page')
  })

  it.each([
    ['without a token', '/', {}],
    ['with a wrong token in the link', '/?token=wrong', {}],
    ['with a wrong token in the header', '/', { authorization: 'Bearer wrong' }],
    ['with a wrong token in the cookie', '/assets/a.js', { cookie: 'signalbox_PORT=wrong' }],
    ['with the token of the link on another path', `/local/models?token=${token}`, {}],
  ])('is refused %s, with words for people and a line in the log that holds no token', async (_name, path, headers) => {
    const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('PORT', String(port))]))
    const answer = await ask(path, sent)
    expect(answer.status).toBe(401)
    expect(answer.body).toContain('Open the link again')
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
    expect(logged.join('')).toContain('page: refused')
    expect(logged.join('')).not.toContain(token)
  })

  it.each(['evil.example', 'evil.example:PORT', '127.0.0.1:1', '127.0.0.1', '127.0.0.1.evil.example:PORT'])(
    'is refused under the Host %s, even with the token',
    async (host) => {
      const answer = await ask(`/?token=${token}`, { ...bearer, host: host.replace('PORT', String(port)) })
      expect(answer.status).toBe(403)
      expect(answer.headers['set-cookie']).toBeUndefined()
      expect(answer.headers['content-security-policy']).not.toContain('evil')
      expect(logged.join('')).toContain('the Host header names another server')
    },
  )

  it.each(['127.0.0.1', 'localhost', '[::1]'])('is served under the loopback name %s', async (name) => {
    expect((await ask('/', { ...bearer, host: `${name}:${port}` })).status).toBe(200)
  })

  it('carries a strict policy with a nonce of its own in every response', async () => {
    const [first, second] = [await ask('/'), await ask('/')]
    const nonce = /nonce="([^"]+)"/.exec(first.body)?.[1] ?? ''
    expect(first.headers['content-security-policy']).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; connect-src 'self' ws://127.0.0.1:${port}; ` +
        "img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    expect(first.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    })
    expect(second.body).not.toBe(first.body)
  })

  it.each(['/local/deliberations/d-1', '/index.html', '/local/models?text=a.b'])('answers its own route %s', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 200, body: expect.stringMatching(/nonce="[^_]/) as string })
  })

  it('brings its files with their type', async () => {
    expect(await ask('/assets/a.js')).toMatchObject({
      status: 200,
      body: 'let a',
      headers: { 'x-content-type-options': 'nosniff' },
    })
    expect((await ask('/assets/a.js')).headers['content-type']).toContain('javascript')
  })

  it.each([
    '/assets/b.js',
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%2e%2e%5csecret.txt',
    '/.%00/a.js',
  ])('finds no file at %s', async (path) => {
    const answer = await ask(path)
    expect([400, 403, 404]).toContain(answer.status)
    expect(answer.body).not.toContain('secret"')
    expect(answer.body).not.toBe('secret')
  })

  it('answers nothing but GET', async () => {
    expect((await ask('/', bearer, 'POST')).status).toBe(404)
  })

  it('tells a plain request to the socket that it needs a WebSocket', async () => {
    expect((await ask('/console')).status).toBe(426)
    expect((await ask('/console', {})).status).toBe(401)
  })
})

describe('the socket', () => {
  it('carries calls and streams', async () => {
    const session = await openSession(webSocketChannel(await dialled()))
    const { echo } = connect(contract, session)
    expect(await echo.say({ text: 'hello' })).toEqual({ text: 'hello' })
    for await (const item of echo.repeat({ text: 'again' })) {
      expect(item).toEqual({ text: 'again' })
      break
    }
    await expect.poll(() => streamEnded).toBe(true)
    session.close()
  })

  it('opens for a page of this server with its cookie', async () => {
    const socket = dial({ cookie: `signalbox_${port}=${token}`, origin: `http://127.0.0.1:${port}` })
    await once(socket, 'open')
    socket.close()
  })

  it.each([
    ['without a token', 401, { origin: 'http://127.0.0.1:PORT' }],
    ['with a wrong token', 401, { origin: 'http://127.0.0.1:PORT', cookie: 'signalbox_PORT=wrong' }],
    ['from a page of another origin', 403, { origin: 'https://evil.example', cookie: `signalbox_PORT=${token}` }],
    ['from another port of this machine', 403, { origin: 'http://127.0.0.1:1', cookie: `signalbox_PORT=${token}` }],
    ['from an opaque origin', 403, { origin: 'null', cookie: `signalbox_PORT=${token}` }],
    ['with a cookie but no origin', 403, { cookie: `signalbox_PORT=${token}` }],
    ['with the token but a foreign origin', 403, { ...bearer, origin: 'https://evil.example' }],
    ['under a foreign Host', 403, { ...bearer, host: 'evil.example' }],
  ])('is refused %s', async (_name, status, headers) => {
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replaceAll('PORT', String(port))]),
    )
    expect(await statusOfRefusal(dial(sent))).toBe(status)
    expect(logged.join('')).toContain('socket: refused')
    expect(logged.join('')).not.toContain(token)
  })

  it('is found at its own path only', async () => {
    expect(await statusOfRefusal(dial(bearer, '/elsewhere'))).toBe(404)
  })

  it.each([
    ['is binary', 1003, Buffer.from('{"type":"hello","version":1}')],
    ['is not JSON', 1007, '{broken'],
    ['is no message of the protocol', 1007, '{"type":"launch"}'],
    ['is larger than 4 MiB', 1009, 'x'.repeat(4 * 1024 * 1024 + 1)],
  ])('closes on a frame that %s, and says so in the log', async (_name, code, frame) => {
    const socket = await dialled()
    socket.send(frame)
    const [closedWith] = (await once(socket, 'close')) as [number]
    expect(closedWith).toBe(code)
    expect(logged.join('')).toMatch(/socket: closed|bridge: hung up/)
  })

  it('closes on text that is not UTF-8', async () => {
    const socket = await dialled()
    socket.send(Buffer.from([0xff, 0xfe]), { binary: false })
    const [closedWith] = (await once(socket, 'close')) as [number]
    expect(closedWith).toBe(1007)
    expect(logged.join('')).toContain('socket: closed on a frame that breaks the protocol')
  })

  it.each(['__proto__.toString', 'echo.constructor', 'constructor.constructor'])(
    'refuses the method %s and logs it',
    async (method) => {
      const session = await openSession(webSocketChannel(await dialled()))
      await expect(session.call(method, {})).rejects.toMatchObject({ code: 'not-found' })
      expect(logged.join('')).toContain('bridge: refused an unknown method')
      session.close()
    },
  )
})

describe('the heartbeat of a socket', () => {
  let watchful: { url: string; stop(): Promise<void> }
  beforeEach(async () => {
    const log = pino({ level: 'debug' }, { write: (line) => void logged.push(line) })
    const pageDir = join(folder, 'page')
    watchful = await startServer({ contract, handlers, pageDir, port: 0, token, log, heartbeatMs: 100 })
  })
  afterEach(() => watchful.stop())
  const dialledWith = async (options: { autoPong: boolean }) => {
    const socket = new WebSocket(`${watchful.url.replace('http', 'ws')}console`, { headers: bearer, ...options })
    await once(socket, 'open')
    return socket
  }

  it('drops a page that stops answering', async () => {
    const socket = await dialledWith({ autoPong: false })
    const [closedWith] = (await once(socket, 'close')) as [number]
    expect(closedWith).toBe(1006)
    expect(logged.join('')).toContain('dropped a page that stopped answering')
  })

  it('goes on while the page answers', async () => {
    const socket = await dialledWith({ autoPong: true })
    for (let asked = 0; asked < 3; asked++) await once(socket, 'ping')
    expect(socket.readyState).toBe(WebSocket.OPEN)
    socket.close()
  })
})

describe('a server', () => {
  it('says what to do where the page is not built', async () => {
    const options = { contract, handlers, pageDir: join(folder, 'nowhere'), port: 0, token, log: pino({ level: 'silent' }) }
    await expect(startServer(options)).rejects.toThrow('Run "npm run build"')
  })

  it('says goodbye to its pages when it stops, and ends their streams', async () => {
    const options = { contract, handlers, pageDir: join(folder, 'page'), port: 0, token, log: pino({ level: 'silent' }) }
    const other = await startServer(options)
    const socket: AnyWebSocket & WebSocket = new WebSocket(`${other.url.replace('http', 'ws')}console`, { headers: bearer })
    await once(socket, 'open')
    const session = await openSession(webSocketChannel(socket))
    const items = connect(contract, session).echo.repeat({ text: 'x' })[Symbol.asyncIterator]()
    await items.next()
    const interrupted = expect(items.next()).rejects.toMatchObject({ code: 'unavailable' })
    await other.stop()
    await interrupted
  })
})
