import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'

/** A TCP proxy on loopback that can be broken. */
export interface BreakableProxy {
  readonly port: number
  /** Resets every connection; new ones are let through. */
  cut(): void
  /** Lets nothing come back from the target any more on the connections there are; what is sent to it still arrives. */
  deafen(): void
  /** Cuts, and refuses connections until `mend`. */
  break(): void
  mend(): void
  stop(): Promise<void>
}

/** Starts a proxy for a port on loopback. */
export async function startBreakableProxy(targetPort: number): Promise<BreakableProxy> {
  const sockets = new Set<Socket>()
  const targets = new Set<Socket>()
  let isBroken = false
  const server = createServer((client) => {
    if (isBroken) return void client.resetAndDestroy()
    const target = connect(targetPort, '127.0.0.1')
    targets.add(target)
    target.on('close', () => targets.delete(target))
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    cut,
    deafen: () => {
      for (const target of targets) target.unpipe().pause()
    },
    break: () => {
      isBroken = true
      cut()
    },
    mend: () => void (isBroken = false),
    stop: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
