import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import { webSocketChannel } from '../../src-preload/channel/web-socket.ts'
import type { Channel } from '../../src-preload/channel/channel.ts'
import type { Access } from './access.ts'

export const socketPath = '/console'

const maxFrameBytes = 4 * 1024 * 1024
const maxSockets = 64

export interface SocketOptions {
  readonly access: Access
  readonly log: Logger
  /** A socket that has not answered one ping by the next is dropped. */
  readonly heartbeatMs: number
  readonly onChannel: (channel: Channel) => void
}

/** Takes the upgrade requests of an HTTP server: refuses strangers, hands on a channel for each page. */
export function acceptSockets({ access, log, heartbeatMs, onChannel }: SocketOptions) {
  const server = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes, perMessageDeflate: false })
  const answered = new WeakSet<WebSocket>()

  const heartbeat = setInterval(() => {
    for (const socket of server.clients) {
      if (answered.delete(socket)) {
        socket.ping()
        continue
      }
      log.warn('socket: dropped a page that stopped answering')
      socket.terminate()
    }
  }, heartbeatMs)

  const open = (socket: WebSocket) => {
    answered.add(socket)
    socket.on('pong', () => answered.add(socket))
    socket.on('error', (error) => log.warn({ reason: error.message }, 'socket: closed on a frame that breaks the protocol'))
    const onFault = (fault: string) => log.warn({ reason: fault }, 'socket: closed on a malformed message')
    onChannel(webSocketChannel(socket, { codes: { binary: 1003, malformed: 1007 }, onFault }))
  }

  return {
    upgrade: (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
      const path = request.url?.split('?', 1)[0]
      const refuse = (status: number, reason: string) => {
        log.warn({ status, reason, path }, 'socket: refused')
        stream.once('finish', () => stream.destroy())
        stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      }
      stream.on('error', (error) => log.debug({ reason: error.message }, 'socket: failed before it was open'))
      if (path !== socketPath) return refuse(404, 'no such socket')
      const refusal = access.checkSocket(request.headers)
      if (refusal) return refuse(refusal.status, refusal.reason)
      if (server.clients.size >= maxSockets) return refuse(503, `more than ${maxSockets} pages are open`)
      server.handleUpgrade(request, stream, head, open)
    },

    /** Says goodbye to every page and drops those that do not answer it. */
    stop: async (graceMs = 1_000): Promise<void> => {
      clearInterval(heartbeat)
      const gone = [...server.clients].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
      server.clients.forEach((socket) => socket.close(1001, 'The host is stopping.'))
      const late = setTimeout(() => server.clients.forEach((socket) => socket.terminate()), graceMs)
      await Promise.all(gone)
      clearTimeout(late)
      server.close()
    },
  }
}
