import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** Values of the Host header under which a server on this machine is meant: a foreign name that resolves to it is none of them. */
export function ownHosts(host: string, port: number): readonly string[] {
  const names = ['127.0.0.1', 'localhost', '[::1]', host.includes(':') ? `[${host}]` : host]
  return names.map((name) => (port === 80 ? name : `${name}:${port}`))
}

/** Compares with `token` in a time that tells nothing about it. */
export function tokenCheck(token: string): (given: string) => boolean {
  const digest = sha256(token)
  return (given) => timingSafeEqual(sha256(given), digest)
}

export function bearerOf(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1]
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
