import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answersConformance } from '../../ports/conformance/answers.ts'
import { CAPACITY } from '../../ports/conformance/deliveries.ts'
import { eventLogConformance } from '../../ports/conformance/event-log.ts'
import { smallStateConformance } from '../../ports/conformance/small-state.ts'
import { workQueueConformance } from '../../ports/conformance/work-queue.ts'
import { heldClock } from '../memory/clock.ts'
import { openSqliteContext } from './context.ts'

eventLogConformance('SQLite', true, async () => {
  const store = await openStore()
  return { ...store, log: store.context.log, reopen: async () => (await store.again()).log }
})
workQueueConformance('SQLite', true, async () => {
  const store = await openStore()
  return { ...store, queue: store.context.work, reopen: async () => (await store.again()).work }
})
answersConformance('SQLite', true, async () => {
  const store = await openStore()
  return { ...store, queue: store.context.answers, reopen: async () => (await store.again()).answers }
})
smallStateConformance('SQLite', true, async () => {
  const store = await openStore()
  return { ...store, state: store.context.state, reopen: async () => (await store.again()).state }
})

async function openStore() {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-sqlite-'))
  const { clock, pass } = heldClock()
  const queueBounds = { items: CAPACITY, deadLetters: 100 }
  const open = () =>
    openSqliteContext({
      file: join(directory, 'context.db'),
      writerModule: new URL('./writer-thread.ts', import.meta.url),
      clock,
      bounds: { work: queueBounds, answers: queueBounds },
    })
  let context = await open()
  return {
    context,
    pass,
    again: async () => {
      await context.close()
      context = await open()
      return context
    },
    close: async () => {
      await context.close()
      await rm(directory, { recursive: true })
    },
  }
}
