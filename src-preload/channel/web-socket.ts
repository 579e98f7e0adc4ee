import type { Channel } from './channel.ts'

/** The part of WebSocket that browsers and `ws` share. */
export interface AnyWebSocket {
  readonly bufferedAmount: number
  readonly readyState: number
  send(data: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: () => void): void
}

export interface WebSocketChannelOptions {
  /** Close codes for a peer that breaks the protocol. A browser may only use those from 4000 up. */
  readonly codes?: { readonly binary: number; readonly malformed: number }
  readonly onFault?: (fault: string) => void
}

const OPEN = 1
const highWaterBytes = 1024 * 1024
const drainPollMs = 25

/** Carries messages as JSON text; a peer that sends anything else is hung up on. */
export function webSocketChannel(socket: AnyWebSocket, options: WebSocketChannelOptions = {}): Channel {
  const { codes = { binary: 4003, malformed: 4007 }, onFault = () => undefined } = options
  const hangUp = (code: number, fault: string) => {
    onFault(fault)
    socket.close(code, fault)
  }
  return {
    send: (message) => {
      if (socket.readyState === OPEN) socket.send(JSON.stringify(message))
    },
    onMessage: (listener) =>
      socket.addEventListener('message', ({ data }) => {
        if (socket.readyState !== OPEN) return
        if (typeof data !== 'string') return hangUp(codes.binary, 'Binary frames are not understood here.')
        let message: unknown
        try {
          message = JSON.parse(data)
        } catch {
          return hangUp(codes.malformed, 'The frame is not JSON.')
        }
        listener(message)
      }),
    onClose: (listener) => socket.addEventListener('close', listener),
    close: (fault) => (fault === undefined ? socket.close(1000) : hangUp(codes.malformed, fault)),
    drained: async () => {
      // Neither browsers nor `ws` tell when the buffer has emptied.
      while (socket.readyState === OPEN && socket.bufferedAmount > highWaterBytes) {
        await new Promise((resolve) => setTimeout(resolve, drainPollMs))
      }
    },
  }
}
