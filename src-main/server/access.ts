import type { IncomingHttpHeaders } from 'node:http'
import { bearerOf, ownHosts, tokenCheck } from '../../cluster/adapters/http/access.ts'

/** Why a request is refused. The reason is for the log. */
export interface Refusal {
  readonly status: 401 | 403
  readonly reason: string
}

/** Who may talk to the server. Each check returns a refusal, or undefined where the request may pass. */
export interface Access {
  /** The cookie that carries the token. Cookies ignore ports, so the port is part of its name. */
  readonly cookie: string
  isToken(given: string): boolean
  /** Whether the request was meant for this server: a foreign name that resolves to it is refused. */
  checkHost(headers: IncomingHttpHeaders): Refusal | undefined
  checkPage(headers: IncomingHttpHeaders): Refusal | undefined
  checkSocket(headers: IncomingHttpHeaders): Refusal | undefined
}

export function accessTo({ host, port, token }: { host: string; port: number; token: string }): Access {
  const hosts = ownHosts(host, port)
  const cookie = `signalbox_${port}`
  const isToken = tokenCheck(token)

  const checkHost = (headers: IncomingHttpHeaders): Refusal | undefined =>
    hosts.includes(headers.host ?? '') ? undefined : { status: 403, reason: 'the Host header names another server' }

  const checkToken = (headers: IncomingHttpHeaders): Refusal | undefined => {
    const given = bearerOf(headers) ?? cookieOf(headers, cookie)
    if (given === undefined) return { status: 401, reason: 'no token' }
    return isToken(given) ? undefined : { status: 401, reason: 'wrong token' }
  }

  const checkOrigin = (headers: IncomingHttpHeaders): Refusal | undefined => {
    // A browser always says which page opens a socket; only a program, which sends the token as a header, may leave it out.
    if (headers.origin === undefined && bearerOf(headers) !== undefined) return undefined
    if (headers.origin === `http://${headers.host ?? ''}`) return undefined
    return { status: 403, reason: 'the Origin header names another page' }
  }

  return {
    cookie,
    isToken,
    checkHost,
    checkPage: (headers) => checkHost(headers) ?? checkToken(headers),
    checkSocket: (headers) => checkHost(headers) ?? checkOrigin(headers) ?? checkToken(headers),
  }
}

function cookieOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('=', 2))
  return pairs.find(([key]) => key === name)?.[1]
}
