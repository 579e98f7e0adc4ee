import { standingOf } from '../../domain/deliberation/index.ts'
import type { DeadLetterView } from '../../messages/dead-letter.ts'
import type { WorkItem } from '../../messages/work.ts'
import type { Answers } from '../../ports/answers.ts'
import type { DeadLetter } from '../../ports/delivery.ts'
import type { WorkQueue } from '../../ports/work-queue.ts'
import type { LoadedRun, Runs } from './runs.ts'
import { refuse, type Refusal } from '../refusal.ts'

const UNREADABLE = 'It cannot be read, so nothing can come of it: it can only be removed.'

type QueueName = DeadLetterView['queue']
type CallOfLetter = Pick<WorkItem, 'task_id' | 'round' | 'phase' | 'agent_id'> & { readonly attempt?: number | undefined }
type CallView = Extract<DeadLetterView, { kind: 'call' }>
type Chance = Pick<CallView, 'effect' | 'effect_words'>

export interface DeadLetterDesk {
  /** Messages of both queues that were taken out of circulation, newest first, each with what replaying it would do now. */
  list(): Promise<readonly DeadLetterView[]>
  /** Hands one out again; refused with the reason where that could change nothing. */
  replay(queue: QueueName, id: string): Promise<{ readonly kind: 'replayed'; readonly words: string } | Refusal>
  /** Throws one away for good. */
  remove(queue: QueueName, id: string): Promise<{ readonly kind: 'removed' } | Refusal>
}

export function createDeadLetterDesk({ work, answers }: { work: WorkQueue; answers: Answers }, runs: Runs): DeadLetterDesk {
  const queues = { work, answers }

  const letters = async (queue: QueueName): Promise<readonly DeadLetter<CallOfLetter>[]> => await queues[queue].deadLetters()

  async function view(queue: QueueName, letter: DeadLetter<CallOfLetter>): Promise<DeadLetterView> {
    const { id, message, unreadable, reason, deliveries, at } = letter
    const head = { queue, id, reason, deliveries, at }
    if (unreadable) return { kind: 'unreadable', ...head, ...unreadable, effect: 'none', effect_words: UNREADABLE }
    const { task_id, round, phase, agent_id } = message
    const loaded = await runs.load(task_id)
    const run_title = loaded.kind === 'run' ? loaded.state.spec.title : null
    return { kind: 'call', ...head, task_id, run_title, round, phase, agent_id, ...chance(queue, message, loaded) }
  }

  function chance(queue: QueueName, call: CallOfLetter, loaded: LoadedRun): Chance {
    if (loaded.kind === 'unknown') return none(`There is no run ${call.task_id}: nobody waits for it.`)
    if (loaded.kind === 'expired') return none(`The run ${call.task_id} was removed for good: nobody waits for it.`)
    const { ended } = loaded.state
    const passed = ended ? `The run has ended (${ended.status})` : 'The phase of the call has closed'
    switch (standingOf(loaded.state, call)) {
      case 'awaited':
        return { effect: 'counts', effect_words: 'The run waits for this call: what comes of it counts.' }
      case 'late':
        return queue === 'answers'
          ? { effect: 'late', effect_words: `${passed}: the answer is kept as late and changes no ranking.` }
          : none(`${passed}: an answer would no longer count.`)
      case 'counted':
        return none('The run has counted an answer or a failure of this call already, and went on with that.')
      case 'unexpected':
        return none('No call of the run asked for it.')
    }
  }

  const missing = (queue: QueueName, id: string) =>
    refuse('not-found', `${id} is no dead letter of the queue ${queue} (any more): it was replayed or removed before.`)

  return {
    async list() {
      const views = await Promise.all(
        (['work', 'answers'] as const).map(
          async (queue) => await Promise.all((await letters(queue)).map((letter) => view(queue, letter))),
        ),
      )
      return views.flat().toSorted((a, b) => b.at - a.at)
    },

    async replay(queue, id) {
      const letter = (await letters(queue)).find((one) => one.id === id)
      if (!letter) return missing(queue, id)
      if (letter.unreadable) return refuse('conflict', UNREADABLE)
      const { effect, effect_words: words } = chance(queue, letter.message, await runs.load(letter.message.task_id))
      if (effect === 'none') return refuse('conflict', `Replaying it would change nothing. ${words} It can be removed.`)
      return (await queues[queue].replay(id)) ? { kind: 'replayed', words } : missing(queue, id)
    },

    remove: async (queue, id) => ((await queues[queue].removeDeadLetter(id)) ? { kind: 'removed' } : missing(queue, id)),
  }
}

const none = (effect_words: string): Chance => ({ effect: 'none', effect_words })
