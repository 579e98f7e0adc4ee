import * as z from 'zod'
import { chatMessage, workItem } from './work.ts'

/** A call as it was sent to a model. `cut`: texts were shortened to fit its context, each with a mark where. */
export const sentPrompt = z.object({ item: workItem, prompts_version: z.string(), cut: z.boolean() })
export type SentPrompt = z.infer<typeof sentPrompt>

/** A call as it was made. `repair`: what followed the prompt where it was asked once more; empty where it was not. */
export const callPrompt = sentPrompt.extend({ repair: z.array(chatMessage) })
export type CallPrompt = z.infer<typeof callPrompt>
