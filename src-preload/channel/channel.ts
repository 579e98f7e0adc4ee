/** A two-way, ordered pipe of structured-cloneable messages. Knows nothing of what it carries. */
export interface Channel {
  /** After close it does nothing. */
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  /** Called once, whichever side closed. */
  onClose(listener: () => void): void
  /** With a fault, the peer is told that it broke the protocol, where the transport can tell it. */
  close(fault?: string): void
  /** Resolves when the peer keeps up, or is gone. Transports that cannot tell resolve at once. */
  drained(): Promise<void>
}

/** The closing half of a channel: `shut` runs and the listeners are told once, however often it is closed. */
export function closeOnce(shut: () => void): Pick<Channel, 'onClose' | 'close'> {
  const listeners = new Set<() => void>()
  let closed = false
  return {
    onClose: (listener) => void listeners.add(listener),
    close: () => {
      if (closed) return
      closed = true
      shut()
      listeners.forEach((listener) => listener())
    },
  }
}

/** Both ends of an in-memory channel. */
export function channelPair(): [Channel, Channel] {
  const listeners: readonly [Set<(message: unknown) => void>, Set<(message: unknown) => void>] = [new Set(), new Set()]
  let closed = false
  const closing = closeOnce(() => (closed = true))
  const end = (mine: 0 | 1, theirs: 0 | 1): Channel => ({
    ...closing,
    send: (message) => {
      const copy: unknown = structuredClone(message)
      queueMicrotask(() => {
        if (!closed) listeners[theirs].forEach((listener) => listener(copy))
      })
    },
    onMessage: (listener) => void listeners[mine].add(listener),
    drained: () => Promise.resolve(),
  })
  return [end(0, 1), end(1, 0)]
}
