import * as z from 'zod'
import { callPhase } from './work.ts'

/** `agent.response.progress`: what an agent does now. 100 when its call has ended, 0 before: nothing in between is known. */
export const progress = z.object({
  task_id: z.string(),
  agent_id: z.string(),
  phase: callPhase,
  progress_pct: z.int().min(0).max(100),
  message: z.string(),
})
export type Progress = z.infer<typeof progress>
