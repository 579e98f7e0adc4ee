import * as z from 'zod'

const tokens = z.int().nonnegative().catch(0)
const usage = z.object({ prompt_tokens: tokens, completion_tokens: tokens })

export interface Usage {
  readonly tokensIn: number
  readonly tokensOut: number
}

/** The token counts of an answer; 0 where it has none. */
export function usageOf(answer: unknown): Usage {
  const parsed = usage.safeParse(typeof answer === 'object' && answer !== null && 'usage' in answer ? answer.usage : undefined)
  return parsed.success
    ? { tokensIn: parsed.data.prompt_tokens, tokensOut: parsed.data.completion_tokens }
    : { tokensIn: 0, tokensOut: 0 }
}

/** The token counts that a streamed answer ends with, from its last characters; 0 where it has none. */
export function usageOfStreamEnd(tail: string): Usage {
  const event = tail.split('\n').findLast((line) => line.startsWith('data: ') && line.includes('"usage":{'))
  try {
    return usageOf(event === undefined ? undefined : JSON.parse(event.slice('data: '.length)))
  } catch {
    return { tokensIn: 0, tokensOut: 0 }
  }
}
