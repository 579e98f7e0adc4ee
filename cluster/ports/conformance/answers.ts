import type { Answer } from '../../messages/answer.ts'
import type { Answers } from '../answers.ts'
import { deliveryConformance } from './deliveries.ts'
import { sampleAnswer } from './samples.ts'

export interface AnswersUnderTest {
  readonly queue: Answers
  /** Closes the store and opens it again from what is durable. */
  readonly reopen?: () => Promise<Answers>
  readonly pass?: (ms: number) => Promise<void>
  close(): Promise<void>
}

/** What every queue of answers promises; `open` gives an empty one that holds CAPACITY answers, `durable` if it can reopen. */
export function answersConformance(name: string, durable: boolean, open: () => Promise<AnswersUnderTest>): void {
  deliveryConformance<Answer>(`${name} as a queue of answers`, durable, (id) => sampleAnswer('run', id), open)
}
