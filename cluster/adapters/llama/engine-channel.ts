/** How the engine process talks to the host that started it. */
export interface EngineChannel {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
}

/** The part of Electron's MessagePortMain that is used here. */
interface Port {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start(): void
}

/** The part of an Electron utility process's `process.parentPort` that is used here. */
interface ParentPort {
  once(event: 'message', listener: (event: { ports: readonly Port[] }) => void): unknown
}

/**
 * The channel of this process, which ends when the host goes away. Node's `child_process.fork` brings an IPC channel. An
 * Electron utility process is forked by Electron's main process, which passes it the host's port with its first message.
 */
export function engineChannel(): EngineChannel {
  const parentPort = 'parentPort' in process ? (process.parentPort as ParentPort | undefined) : undefined
  if (parentPort) return portChannel(parentPort)
  if (!process.send) throw new Error('The engine process has no channel: it must be forked by the host.')
  process.on('disconnect', () => process.exit())
  return {
    send: (message) => void process.send?.(message),
    onMessage: (listener) => void process.on('message', listener),
  }
}

function portChannel(parentPort: ParentPort): EngineChannel {
  const port = new Promise<Port>((resolve) => {
    parentPort.once('message', ({ ports: [first] }) => {
      if (!first) throw new Error('The first message to the engine process must bring a port.')
      first.on('close', () => process.exit())
      resolve(first)
    })
  })
  return {
    send: (message) => void port.then((open) => open.postMessage(message)),
    onMessage: (listener) =>
      void port.then((open) => {
        open.on('message', ({ data }) => listener(data))
        open.start()
      }),
  }
}
