import * as z from 'zod'
import { ownHosts } from '../adapters/http/access.ts'
import { createGatewayApp, type GatewayAppOptions } from '../adapters/http/gateway-app.ts'

export type GatewayOptions = Omit<GatewayAppOptions, 'hosts'> & {
  readonly host?: string
  /** 0 takes any free port. */
  readonly port: number
}

export interface Gateway {
  /** Without a path: `/api/v1` and `/health` are under it. */
  readonly url: string
  /** Ends open streams, saying so, and waits. */
  stop(): Promise<void>
}

/** Serves the HTTP API over the commands of a plane that somebody else holds. Rejects with the address where it cannot listen. */
export async function startGateway({ host = '127.0.0.1', port, ...options }: GatewayOptions): Promise<Gateway> {
  const hosts = Promise.withResolvers<readonly string[]>()
  const app = createGatewayApp({ ...options, hosts: hosts.promise })
  await app.listen({ host, port }).catch((cause: unknown) => {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new Error(`The gateway cannot listen on ${host}:${port} (${reason}): choose another port.`, { cause })
  })
  const address = z.object({ port: z.int() }).parse(app.server.address())
  hosts.resolve(ownHosts(host, address.port))
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    stop: () => app.close(),
  }
}
