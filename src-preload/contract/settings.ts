import * as z from 'zod'
import { dryRunServer, kubeContext } from '../../cluster/messages/dry-run-server.ts'
import { fileStore } from '../../cluster/messages/file-store.ts'
import { role } from '../../cluster/messages/roles.ts'
import { call, command, stream } from './define.ts'

/** A column of a table as it was chosen; null: the usual width. */
const chosenColumn = z.strictObject({ id: z.string().max(40), width: z.int().min(30).max(1200).nullable() })
export type ChosenColumn = z.infer<typeof chosenColumn>

/** A list that an operator wants to find again: its query as written, its order, its columns (none: the usual ones). */
const savedView = z.strictObject({
  name: z.string().trim().min(1).max(40),
  q: z.string().max(500),
  sort: z.string().max(40),
  columns: z.array(chosenColumn).max(40),
})
export type SavedView = z.infer<typeof savedView>

const chosen = z.strictObject({
  theme: z.enum(['system', 'dark', 'light']),
  rail: z.enum(['auto', 'wide', 'narrow']),
  /** Action id → key chord; only what differs from the defaults. */
  shortcuts: z.record(z.string(), z.string().max(60)),
  /** Keep ended runs this many days, then expire them. */
  history_days: z.int().min(1).max(3650),
  notify: z.boolean(),
  /** No page of this console can change anything. */
  read_only: z.boolean(),
  /** Figures for Prometheus also under the names of other batch servers. */
  metric_aliases: z.boolean(),
  /** Columns of the list of deliberations, in order; none: the usual ones. */
  list_columns: z.array(chosenColumn).max(40),
  list_views: z.array(savedView).max(50),
})

/** What this operator chose for the console. Kept by the host, so that both shells show the same. */
export const preferences = z.strictObject({
  theme: chosen.shape.theme.default('system'),
  rail: chosen.shape.rail.default('auto'),
  shortcuts: chosen.shape.shortcuts.default({}),
  history_days: chosen.shape.history_days.default(90),
  notify: chosen.shape.notify.default(true),
  read_only: chosen.shape.read_only.default(false),
  metric_aliases: chosen.shape.metric_aliases.default(true),
  list_columns: chosen.shape.list_columns.default([]),
  list_views: chosen.shape.list_views.default([]),
})
export type Preferences = z.infer<typeof preferences>

/** Preferences that change more than what the operator sees. */
const concernsWork = ['history_days', 'metric_aliases'] as const satisfies readonly (keyof Preferences)[]

const diskUse = z.object({
  data_dir: z.string(),
  log_bytes: z.int(),
  /** Part of it that holds nothing and is given back when no write waits. */
  log_free_bytes: z.int(),
  read_models_bytes: z.int(),
  blobs_bytes: z.int(),
  /** Requests, answers and files of batches. */
  batches_bytes: z.int(),
  models_bytes: z.int(),
  free_bytes: z.int(),
})

/** The HTTP gateway as it is wanted and as it is. */
export const gatewayView = z.object({
  enabled: z.boolean(),
  port: z.int(),
  /** What `--gateway-port` said: it holds over the setting until the next start. */
  forced_port: z.int().nullable(),
  state: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('off') }),
    z.object({ kind: z.literal('on'), url: z.string() }),
    z.object({ kind: z.literal('failed'), reason: z.string() }),
  ]),
})
export type GatewayView = z.infer<typeof gatewayView>

export const settings = {
  watchPreferences: stream(z.strictObject({}), preferences),
  /** Changes what is given. Of `chosen`, for a default in a partial shape would put back what is not. */
  savePreferences: command(chosen.partial(), preferences, (change) => concernsWork.some((key) => key in change)),
  /** Roles with persona and rubric: built-in ones and those the operator changed or added. */
  watchRoles: stream(
    z.strictObject({}),
    z.object({ roles: z.array(role.extend({ builtin: z.boolean(), changed: z.boolean() })) }),
  ),
  saveRole: command(z.strictObject({ role }), z.object({})),
  /** A changed built-in role goes back to what was shipped; an added one is removed. */
  resetRole: command(z.strictObject({ name: z.string() }), z.object({})),
  disk: call(z.strictObject({}), diskUse),
  /** Reads the whole log for damage; about 0.5 s for each 100 MB, in which writes wait. */
  checkStorage: call(z.strictObject({}), z.object({ problems: z.array(z.string()), bytes: z.int(), took_ms: z.int() })),
  /** The notice of past damage was read. */
  acknowledgeDamage: command(z.strictObject({ id: z.string() }), z.object({})),
  /** How much ended more than `history_days` ago. */
  retentionDue: call(z.strictObject({}), z.object({ runs: z.int(), batches: z.int() })),
  /** Expires that now. What cannot be removed is `left`, the first of it with the reason. `bytes`: of texts and files. */
  applyRetention: command(
    z.strictObject({}),
    z.object({ runs: z.int(), batches: z.int(), bytes: z.int(), left: z.int(), reason: z.string().nullable() }),
  ),
  /** Where files of batches are kept; a change is used from the next start on, until then `in_use`. */
  fileStore: call(z.strictObject({}), z.object({ store: fileStore, in_use: fileStore, has_keys: z.boolean() })),
  /** Tries the store out first. `keys` absent: those that are kept. */
  saveFileStore: command(
    z.strictObject({
      store: fileStore,
      keys: z.strictObject({ access_key: z.string().min(1), secret_key: z.string().min(1) }).optional(),
    }),
    z.object({}),
  ),
  /** The Kubernetes server that dry runs ask; a change holds from the next check on. */
  dryRunServer: call(z.strictObject({}), dryRunServer),
  /** The contexts of a kubeconfig; null: the files of KUBECONFIG, else ~/.kube/config. */
  kubeContexts: call(z.strictObject({ kubeconfig: z.string().min(1).nullable() }), z.object({ contexts: z.array(kubeContext) })),
  /** Tries the server out first. `remark`: what its account may not do there. */
  saveDryRunServer: command(
    z.strictObject({ server: dryRunServer }),
    z.object({ tried: z.object({ version: z.string(), remark: z.string().nullable() }).nullable() }),
  ),
  watchGateway: stream(z.strictObject({}), gatewayView),
  /** Starts, moves or stops it; `failed` in the view says what keeps it from listening. */
  saveGateway: command(z.strictObject({ enabled: z.boolean(), port: z.int().min(0).max(65_535) }), gatewayView),
  /** For the operator to hand to a client; asked for when it is shown or copied, and kept nowhere in the page. */
  gatewayToken: call(z.strictObject({}), z.object({ token: z.string() })),
  /** A text bundle for a bug report: versions, settings, states, last log lines. No keys, tokens, tasks or answers. */
  diagnostics: call(z.strictObject({}), z.object({ file_name: z.string(), text: z.string() })),
}
