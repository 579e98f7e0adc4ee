import * as z from 'zod'
import { workItem } from './work.ts'

/** A call as it was sent to a model. `cut`: texts were shortened to fit its context, each with a mark where. */
export const sentPrompt = z.object({ item: workItem, prompts_version: z.string(), cut: z.boolean() })
export type SentPrompt = z.infer<typeof sentPrompt>
