import type { RunEvent } from '../../domain/deliberation/index.ts'
import type { Answer } from '../../messages/answer.ts'
import type { BlobReference } from '../../messages/blob.ts'
import type { LargeTexts } from './large-texts.ts'

/** Turns a text and the reference beside it into those that travel, or back. */
type Turn = (text: string, ref: BlobReference | undefined) => Promise<readonly [string, BlobReference | undefined]>

const shorten =
  (texts: LargeTexts, taskId: string): Turn =>
  async (text) => {
    const short = await texts.shorten(taskId, text)
    return [short.text, short.ref]
  }

const restore =
  (texts: LargeTexts): Turn =>
  async (text, ref) => [await texts.restore(text, ref), undefined]

/** An answer as it travels: each large text stored, its beginning and a reference in its place. */
export const shortenAnswer = (texts: LargeTexts, answer: Answer): Promise<Answer> =>
  answerBy(shorten(texts, answer.task_id), answer)

/** The answer as the worker had it. */
export const restoreAnswer = (texts: LargeTexts, answer: Answer): Promise<Answer> => answerBy(restore(texts), answer)

/** An event as the log keeps it. */
export const shortenEvent = (texts: LargeTexts, taskId: string, event: RunEvent): Promise<RunEvent> =>
  eventBy(shorten(texts, taskId), event)

/** The event as it was decided. */
export const restoreEvent = (texts: LargeTexts, event: RunEvent): Promise<RunEvent> => eventBy(restore(texts), event)

async function answerBy(turn: Turn, answer: Answer): Promise<Answer> {
  return answer.kind === 'completed'
    ? await withReasoning(turn, await withContent(turn, answer))
    : await withContent(turn, answer)
}

async function eventBy(turn: Turn, event: RunEvent): Promise<RunEvent> {
  if (event.type === 'deliberation.call_failed') return { ...event, data: await withContent(turn, event.data) }
  if (event.type !== 'deliberation.answered') return event
  const data = await withReasoning(turn, event.data)
  const { contribution } = data
  if (contribution.kind !== 'proposal' && contribution.kind !== 'revision') return { ...event, data }
  return { ...event, data: { ...data, contribution: await withContent(turn, contribution) } }
}

async function withContent<T extends { readonly content: string | null; readonly content_ref?: BlobReference | undefined }>(
  turn: Turn,
  value: T,
): Promise<T> {
  if (value.content === null) return value
  const [content, content_ref] = await turn(value.content, value.content_ref)
  return { ...value, content, content_ref }
}

async function withReasoning<T extends { readonly reasoning: string | null; readonly reasoning_ref?: BlobReference | undefined }>(
  turn: Turn,
  value: T,
): Promise<T> {
  if (value.reasoning === null) return value
  const [reasoning, reasoning_ref] = await turn(value.reasoning, value.reasoning_ref)
  return { ...value, reasoning, reasoning_ref }
}
