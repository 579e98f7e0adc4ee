import { type Channel, closeOnce } from './channel.ts'

/** A browser's MessagePort. */
export function domPortChannel(port: MessagePort): Channel {
  const closing = closeOnce(() => port.close())
  port.addEventListener('close', () => closing.close())
  return {
    ...closing,
    send: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.addEventListener('message', (event: MessageEvent<unknown>) => listener(event.data))
      port.start()
    },
    drained: () => Promise.resolve(),
  }
}
