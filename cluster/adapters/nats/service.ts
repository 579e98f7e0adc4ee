import { reasonOf } from './failures.ts'
import type { Link } from './link.ts'
import type { Names } from './names.ts'

/** Answers what is asked on subjects, JSON for JSON. Processes that serve the same subjects share what is asked. */
export interface Service {
  /** `answer` never rejects. What a message cannot carry is replaced by what `tooLarge` gives. Returns the function that ends it and resolves when what was asked is answered. */
  serve(
    subjects: string,
    answer: (subject: string, question: unknown) => Promise<unknown>,
    tooLarge: (bytes: number, limit: number) => unknown,
  ): () => Promise<void>
}

/** Questions being answered at once; more get no answer, and whoever asks tries again. */
const MAX_QUESTIONS = 256

export function createService(link: Link, names: Names): Service {
  return {
    serve: (subjects, answer, tooLarge) => {
      const dataOf = (reply: unknown): Uint8Array => {
        const data = new TextEncoder().encode(JSON.stringify(reply))
        const limit = link.connection.info?.max_payload ?? Infinity
        return data.length <= limit ? data : new TextEncoder().encode(JSON.stringify(tooLarge(data.length, limit)))
      }
      const answering = new Set<Promise<void>>()
      const subscription = link.connection.subscribe(names.subject(subjects), {
        queue: 'signalbox',
        callback: (error, message) => {
          if (error) return link.report(error)
          if (answering.size >= MAX_QUESTIONS)
            return link.report(new Error(`More than ${MAX_QUESTIONS} commands at once; one was not answered.`))
          const work = answer(names.nameOf(message.subject), jsonOf(message.data))
            .then((reply) => void message.respond(dataOf(reply)))
            .catch((cause: unknown) => link.report(new Error(`A command was not answered: ${reasonOf(cause)}`, { cause })))
            .finally(() => answering.delete(work))
          answering.add(work)
        },
      })
      return async () => {
        subscription.unsubscribe()
        await Promise.all(answering)
      }
    },
  }
}

function jsonOf(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data))
  } catch {
    return undefined
  }
}
