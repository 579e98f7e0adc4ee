import * as z from 'zod'
import { modelReference } from '../../cluster/messages/work.ts'
import { call, command, stream } from './define.ts'

const modelState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('absent') }),
  z.object({
    kind: z.literal('downloading'),
    source: z.string(),
    done_bytes: z.int(),
    total_bytes: z.int(),
    /** Null until it has been measured. */
    bytes_per_second: z.number().nullable(),
  }),
  z.object({ kind: z.literal('verifying') }),
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('failed'), reasons: z.array(z.object({ source: z.string(), reason: z.string() })) }),
])

export const catalogueModel = z.object({
  id: z.string(),
  /** An embedding model turns texts into vectors; no agent can be given it. */
  kind: z.enum(['chat', 'embedding']).default('chat'),
  name: z.string(),
  parameters: z.string(),
  quantisation: z.string(),
  size_bytes: z.int(),
  licence: z.string(),
  context_tokens: z.int(),
  starter: z.boolean(),
  note: z.string(),
  /** Whether this machine's memory holds it, with the numbers. */
  fit: z.object({ fits: z.boolean(), needs_bytes: z.int(), free_bytes: z.int() }),
  /** The best one that fits this machine. */
  recommended: z.boolean(),
  state: modelState,
  /** It is the one the embedded engine has loaded. */
  loaded: z.boolean(),
})
export type CatalogueModel = z.infer<typeof catalogueModel>

/** A model that can be chosen for an agent. */
export const servedModel = z.object({
  reference: modelReference,
  label: z.string(),
  engine: z.string(),
  context_tokens: z.int().nullable(),
  starter: z.boolean(),
  parallel: z.int(),
  tokens_per_second: z.number().nullable(),
  /** Micro-dollars per million tokens; null = no price set by the operator. */
  price_in: z.int().nonnegative().nullable(),
  price_out: z.int().nonnegative().nullable(),
})
export type ServedModelView = z.infer<typeof servedModel>

export const engineView = z.object({
  engine_id: z.string(),
  name: z.string(),
  kind: z.enum(['embedded', 'endpoint']),
  base_url: z.string().nullable(),
  has_key: z.boolean(),
  state: z.enum(['ready', 'starting', 'stopped', 'absent', 'failed', 'unknown']),
  /** Why it is in that state, in plain words. */
  detail: z.string(),
  checked_at: z.int().nullable(),
  running: z.int().nonnegative(),
  waiting: z.int().nonnegative(),
  parallel: z.int(),
  tokens_per_second: z.number().nullable(),
  models: z.array(servedModel),
})
export type EngineView = z.infer<typeof engineView>

export const modelsView = z.object({
  catalogue: z.array(catalogueModel),
  engines: z.array(engineView),
  disk: z.object({ models_bytes: z.int(), free_bytes: z.int() }),
  machine: z.object({ cores: z.int(), memory_bytes: z.int(), free_memory_bytes: z.int() }),
})
export type ModelsView = z.infer<typeof modelsView>

const byModel = z.strictObject({ id: z.string().min(1).max(200) })

export const endpointInput = z.strictObject({
  name: z.string().trim().min(1).max(60),
  base_url: z.url({ protocol: /^https?$/ }).max(500),
  /** Absent = keep the stored one, refused where `base_url` has another origin; empty = remove it. Never sent back. */
  api_key: z.string().max(500).optional(),
  parallel: z.int().min(1).max(256).default(4),
})
export type EndpointInput = z.input<typeof endpointInput>

const tested = z.object({
  ok: z.boolean(),
  detail: z.string(),
  latency_ms: z.int().nullable(),
  models: z.array(z.object({ model: z.string(), context_tokens: z.int().nullable() })),
})

export const model = {
  /** Catalogue, engines and disk; the whole view again whenever something changed (at most 4 a second). */
  watch: stream(z.strictObject({}), modelsView),
  download: command(byModel, z.object({})),
  cancelDownload: command(byModel, z.object({})),
  /** Frees its disk space. `conflict` while a run uses it. */
  remove: command(byModel, z.object({ freed_bytes: z.int() })),
  /** Adds a GGUF file that is already on this machine's disk. */
  importFile: command(z.strictObject({ path: z.string().min(1).max(1000) }), z.object({ id: z.string() })),
  /** Lists the models an endpoint serves without storing anything. */
  testEndpoint: call(endpointInput.extend({ engine_id: z.string().optional() }), tested),
  saveEndpoint: command(endpointInput.extend({ engine_id: z.string().optional() }), z.object({ engine_id: z.string() })),
  removeEndpoint: command(z.strictObject({ engine_id: z.string() }), z.object({})),
  /** The operator's price of a model; null on both removes it. */
  setPrice: command(
    z.strictObject({
      model: modelReference,
      price_in: z.int().nonnegative().nullable(),
      price_out: z.int().nonnegative().nullable(),
    }),
    z.object({}),
  ),
}
