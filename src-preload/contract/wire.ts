import * as z from 'zod'
import { errorCode, errorDetails } from '../../cluster/messages/errors.ts'

/** Raised whenever one side could no longer understand the other. */
export const wireVersion = 1

const id = z.int().nonnegative()

/** Page → host. `hello` comes first and once. */
export const request = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), version: z.int() }),
  z.object({ type: z.literal('start'), id, method: z.string().max(200), input: z.unknown() }),
  z.object({ type: z.literal('cancel'), id }),
  z.object({ type: z.literal('ping') }),
])
export type Request = z.infer<typeof request>

/** Host → page. `sequence` counts the items of one stream from 0. */
export const reply = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), version: z.int() }),
  z.object({ type: z.literal('refused'), version: z.int(), reason: z.string() }),
  z.object({ type: z.literal('result'), id, value: z.unknown() }),
  z.object({ type: z.literal('item'), id, sequence: z.int().nonnegative(), value: z.unknown() }),
  z.object({ type: z.literal('end'), id }),
  z.object({ type: z.literal('error'), id, code: errorCode, message: z.string(), details: errorDetails }),
  z.object({ type: z.literal('pong') }),
])
export type Reply = z.infer<typeof reply>
