import { type Channel, closeOnce } from './channel.ts'

/** What Node's MessagePort and Electron's MessagePortMain share. */
export interface NodePort<E> {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: E) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start(): void
  close(): void
}

/** `unwrap` takes the message out of the event that Electron puts around it. */
export function nodePortChannel<E>(port: NodePort<E>, unwrap: (event: E) => unknown = (event) => event): Channel {
  const closing = closeOnce(() => port.close())
  port.on('close', closing.close)
  return {
    ...closing,
    send: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.on('message', (event) => listener(unwrap(event)))
      port.start()
    },
    drained: () => Promise.resolve(),
  }
}
