import * as z from 'zod'

/** Electron's main process → host process. Ports travel beside the message. */
export const toHost = z.discriminatedUnion('type', [
  /** With one port: a page to serve. */
  z.object({ type: z.literal('page') }),
  /** With one port: the engine process that was asked for. */
  z.object({ type: z.literal('engine'), id: z.int() }),
  z.object({ type: z.literal('engine-exited'), id: z.int(), reason: z.string() }),
  z.object({ type: z.literal('stop') }),
])
export type ToHost = z.infer<typeof toHost>

/** Host process → Electron's main process. */
export const fromHost = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('failed'), reason: z.string() }),
  /** Only the main process may fork. */
  z.object({ type: z.literal('fork-engine'), id: z.int() }),
  z.object({ type: z.literal('kill-engine'), id: z.int() }),
])
export type FromHost = z.infer<typeof fromHost>

/** The host process gets these as its one argument, as JSON. */
export const hostArguments = z.object({
  app_dir: z.string(),
  data_dir: z.string(),
  version: z.string(),
  read_only: z.boolean(),
  gateway_port: z.int().optional(),
})
export type HostArguments = z.infer<typeof hostArguments>
