import type * as z from 'zod'
import { deadLetter } from '../../messages/dead-letter.ts'
import type { DeadLetterMessage } from '../../messages/dead-letter.ts'
import { DEAD_LETTER_SUBJECT } from '../../messages/subjects.ts'
import type { DeadLetter } from '../../ports/delivery.ts'
import { CorruptionError } from '../../ports/errors.ts'
import { contentOfLetter } from '../local/letter-content.ts'
import type { Bodies } from './bodies.ts'
import { isNotFound } from './failures.ts'
import type { Link } from './link.ts'
import type { Names } from './names.ts'
import { readAll } from './stored-messages.ts'
import { STREAMS } from './streams.ts'

/** A dead letter and its place in the stream. */
export interface StoredLetter {
  readonly sequence: number
  readonly letter: DeadLetterMessage
}

/** What was taken out of circulation, in the stream DELIBERATIONS. */
export interface DeadLetters {
  /** `key` tells apart what is parked, so that a repeated attempt parks once. */
  park(key: string, letter: DeadLetterMessage): Promise<void>
  of(queue: DeadLetterMessage['queue']): Promise<readonly StoredLetter[]>
  /** False if another one took it. */
  take(sequence: number): Promise<boolean>
}

export function createDeadLetters(link: Link, names: Names): DeadLetters {
  const stream = names.stream(STREAMS.deliberations)
  const subject = names.subject(DEAD_LETTER_SUBJECT)

  return {
    park: async (key, letter) => {
      await link.steadily('park a message', () => link.publish(subject, JSON.stringify(letter), { id: `dead-letter.${key}` }))
    },
    of: async (queue) => {
      const stored = await link.steadily('list the dead letters', () => readAll(link, stream, subject))
      return stored
        .map(({ sequence, data }) => ({ sequence, letter: deadLetter.parse(JSON.parse(new TextDecoder().decode(data))) }))
        .filter(({ letter }) => letter.queue === queue)
    },
    take: (sequence) =>
      link.steadily('remove a dead letter', async () => {
        try {
          return await link.manage((jsm) => jsm.streams.deleteMessage(stream, sequence))
        } catch (error) {
          if (isNotFound(error)) return false
          throw error
        }
      }),
  }
}

/** The letter with its message as the queue's readers know it, or with why it is none of theirs, or lost. */
export async function typedLetter<T>(
  { id, message, body, reason, deliveries, at }: DeadLetterMessage,
  schema: z.ZodType<T>,
  bodies: Bodies,
): Promise<DeadLetter<T>> {
  const letter = { id, reason, deliveries, at }
  try {
    const text = body
      ? await bodies.unpack(new Uint8Array(), body)
      : typeof message === 'string'
        ? message
        : JSON.stringify(message)
    return { ...letter, ...contentOfLetter(schema, text) }
  } catch (fault) {
    if (fault instanceof CorruptionError) return { ...letter, unreadable: { text: '', fault: fault.message } }
    throw fault
  }
}
