import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import type { EmbeddedPlane } from '../../cluster/entries/embedded.ts'
import { startGateway, type Gateway, type GatewayOptions } from '../../cluster/entries/gateway.ts'
import type { GatewayView } from '../../src-preload/contract/settings.ts'

const SETTINGS = 'console.gateway'
/** Made once, then kept: a restart must not lock out who has it. */
export async function keptToken(secrets: EmbeddedPlane['secrets'], name: 'gateway.token' | 'page.token'): Promise<string> {
  const stored = await secrets.get(name)
  if (stored !== undefined) return stored
  const fresh = randomBytes(32).toString('base64url')
  await secrets.set(name, fresh)
  return fresh
}

const DEFAULT_PORT = 7410

const settings = z.strictObject({
  enabled: z.boolean().default(false),
  port: z.int().min(0).max(65_535).default(DEFAULT_PORT),
})
type GatewaySettings = z.infer<typeof settings>

/** The HTTP gateway of this host: off until the operator wants it, then for as long as the setting says so. */
export interface HostGateway {
  readonly view: () => GatewayView
  /** Stores what is wanted and, unless the command line decides, starts, moves or stops the gateway; a port that is taken shows in the view. */
  save(wanted: GatewaySettings): Promise<void>
  /** For the operator who gives it to a client. The same after a restart. */
  readonly token: () => Promise<string>
  /** Returns the function that ends it. */
  onChanged(listener: () => void): () => void
  stop(): Promise<void>
}

export interface HostGatewayOptions {
  readonly plane: Pick<EmbeddedPlane, 'state' | 'secrets' | 'keys'>
  /** What the command line wants whatever is stored. Rejects where that port cannot be had. */
  readonly forcedPort: number | undefined
  readonly serve: Omit<GatewayOptions, 'port' | 'access'>
}

export async function openHostGateway({ plane, forcedPort, serve }: HostGatewayOptions): Promise<HostGateway> {
  const listeners = new Set<() => void>()
  let wanted = settings.parse((await plane.state.get(SETTINGS))?.value ?? {})
  let running: Gateway | undefined
  let state: GatewayView['state'] = { kind: 'off' }
  let last: Promise<void> = Promise.resolve()

  const token = () => keptToken(plane.secrets, 'gateway.token')

  async function start(port: number): Promise<void> {
    plane.keys.setOwner(await token())
    running = await startGateway({ ...serve, port, access: plane.keys })
    state = { kind: 'on', url: running.url }
  }

  async function apply(): Promise<void> {
    const before = running
    running = undefined
    await before?.stop()
    state = { kind: 'off' }
    if (wanted.enabled)
      await start(wanted.port).catch((fault: unknown) => {
        state = { kind: 'failed', reason: fault instanceof Error ? fault.message : String(fault) }
      })
    for (const listener of listeners) listener()
  }

  if (forcedPort === undefined) await apply()
  else await start(forcedPort)

  return {
    view: () => ({ ...wanted, forced_port: forcedPort ?? null, state }),
    token,
    async save(next) {
      wanted = next
      await plane.state.put(SETTINGS, next, 'any')
      if (forcedPort === undefined) last = last.then(apply)
      await last
    },
    onChanged(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async stop() {
      await last
      await running?.stop()
    },
  }
}
