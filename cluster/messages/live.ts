import * as z from 'zod'

const base = { task_id: z.string(), /** The work item's id. */ id: z.string(), at: z.int() }

/** What a worker shows while a call runs. Lossy: a reader that sees a gap in `position` reloads. Times are milliseconds since the epoch. */
export const liveMessage = z.discriminatedUnion('kind', [
  /** A worker has the item and waits for the engine. */
  z.object({ kind: z.literal('queued'), ...base }),
  /** The engine granted a sequence or slot; the text starts again from nothing. */
  z.object({ kind: z.literal('started'), ...base, attempt: z.int().positive() }),
  /** `position`: characters of this try's text before `text`. */
  z.object({ kind: z.literal('delta'), ...base, position: z.int().nonnegative(), text: z.string() }),
  /** The try failed and will be repeated after `delay_ms`. */
  z.object({
    kind: z.literal('retrying'),
    ...base,
    attempt: z.int().positive(),
    error: z.string(),
    delay_ms: z.int().nonnegative(),
  }),
  z.object({ kind: z.literal('ended'), ...base }),
])
export type LiveMessage = z.infer<typeof liveMessage>
