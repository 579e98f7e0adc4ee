import * as z from 'zod'
import type { ControlPlane } from '../app/control-plane.ts'
import { refuse, type Refusal } from '../app/refusal.ts'
import { submitDeliberation } from '../messages/deliberation.ts'

const request = z.strictObject({ command_id: z.string().min(8).max(100), input: z.unknown() })
const byId = z.strictObject({ task_id: z.string().min(1) })

const ACTOR = 'nats'

/** The commands `signalbox.cmd.deliberation.<verb>` over a plane: `{ok}` or `{error}` for `{command_id, input}`. */
export async function answerCommand(plane: ControlPlane, subject: string, question: unknown): Promise<unknown> {
  const asked = request.safeParse(question)
  if (!asked.success) return errorOf(refuse('invalid-input', z.prettifyError(asked.error)))
  const { command_id, input } = asked.data
  switch (subject.slice(subject.lastIndexOf('.') + 1)) {
    case 'submit': {
      const run = submitDeliberation.safeParse(input)
      if (!run.success) return errorOf(refuse('invalid-input', z.prettifyError(run.error)))
      const result = await plane.submit(command_id, ACTOR, run.data)
      return result.kind === 'refused' ? errorOf(result) : { ok: { task_id: result.taskId, status: 'submitted' } }
    }
    case 'cancel': {
      const run = byId.safeParse(input)
      if (!run.success) return errorOf(refuse('invalid-input', z.prettifyError(run.error)))
      const result = await plane.cancel(run.data.task_id, ACTOR)
      return result.kind === 'refused' ? errorOf(result) : { ok: { task_id: run.data.task_id, status: 'CANCELLED' } }
    }
    default:
      return errorOf(refuse('not-found', `There is no command ${subject}.`))
  }
}

const errorOf = ({ code, message, retryAfterMs }: Refusal) => ({
  error: { code, message, ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }) },
})
