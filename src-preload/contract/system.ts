import * as z from 'zod'
import { deadLetter, deadLetterView } from '../../cluster/messages/dead-letter.ts'
import { call, command, stream } from './define.ts'

/** What the frame shows around every page; sent again whenever something in it changed (at most twice a second). */
export const systemView = z.object({
  version: z.string(),
  shell: z.enum(['electron', 'server']),
  /** The host was started read-only: no page can switch that off. */
  started_read_only: z.boolean(),
  context: z.object({ id: z.string(), name: z.string(), kind: z.enum(['local']) }),
  /** The host's clock, milliseconds since the epoch. */
  now: z.int(),
  log: z.object({ last_sequence: z.int(), lag: z.int(), state: z.enum(['ok', 'rebuilding', 'failed']), detail: z.string() }),
  running_runs: z.int(),
  running_calls: z.int(),
  waiting_calls: z.int(),
  /** Output tokens per second over the last minute. */
  tokens_per_second_1m: z.number(),
  spend_today_micro_usd: z.int(),
  runs_today: z.int(),
  /** What keeps work from running, in plain words; empty when nothing does. */
  needs: z.array(
    z.object({
      id: z.string(),
      severity: z.enum(['bad', 'warn', 'info']),
      title: z.string(),
      detail: z.string(),
      action: z.enum(['models', 'settings', 'none']),
    }),
  ),
  dead_letters: z.int(),
  /** What keeps the store from being whole: stands above every page. `is_over`: it stays until it was read. */
  storage: z.array(
    z.object({ id: z.string(), severity: z.enum(['warn', 'bad']), title: z.string(), detail: z.string(), is_over: z.boolean() }),
  ),
})
export type SystemView = z.infer<typeof systemView>

/** Something an operator should hear of once. */
export const notice = z.object({
  id: z.string(),
  at: z.int(),
  severity: z.enum(['good', 'warn', 'bad', 'info']),
  title: z.string(),
  body: z.string(),
  /** Route of the page that shows it. */
  link: z.string().nullable(),
})
export type Notice = z.infer<typeof notice>

export type DeadLetter = z.infer<typeof deadLetterView>

/** The newest of the messages that were taken out of circulation. */
const deadLetters = z.object({ total: z.int(), letters: z.array(deadLetterView) })

const letterAddress = z.strictObject({ queue: deadLetter.shape.queue, id: z.string().max(400) })

/** Output tokens per second in fixed steps, oldest first; null = nothing was measured in that step. */
const tokenSeries = z.object({ step_ms: z.int(), from: z.int(), values: z.array(z.number().nullable()) })

export const system = {
  watch: stream(z.strictObject({}), systemView),
  /** The last notices, then each new one. */
  watchNotices: stream(z.strictObject({}), z.object({ type: z.enum(['snapshot', 'new']), notices: z.array(notice) })),
  watchDeadLetters: stream(z.strictObject({}), deadLetters),
  /** Hands a message out again; a `conflict` says why that would change nothing. The words say what comes of it. */
  replayDeadLetter: command(letterAddress, z.object({ words: z.string() })),
  removeDeadLetter: command(letterAddress, z.object({})),
  tokens: call(
    z.strictObject({ window_ms: z.int().min(60_000).max(172_800_000), points: z.int().min(10).max(600) }),
    tokenSeries,
  ),
}
