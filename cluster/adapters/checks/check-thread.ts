import { Worker } from 'node:worker_threads'
import type { TaskName, TaskReply, ThreadTasks } from './thread-tasks.ts'

/** A task that did not end in time or broke its thread gives the reason instead of an output. */
export type Outcome<T> = { readonly kind: 'done'; readonly output: T } | { readonly kind: 'gave-up'; readonly reason: string }

/** Does one task at a time in a thread, which is started when needed and replaced when a task hung or broke it. */
export interface CheckThread {
  call<N extends TaskName>(task: N, input: ThreadTasks[N]['input'], limitMs: number): Promise<Outcome<ThreadTasks[N]['output']>>
  stop(): Promise<void>
}

/** Parsers take some 150 MB: nobody pays for them while nothing is checked. */
const IDLE_MS = 60_000
/** Without a bound the young generation takes 128 MB, and keeps them for as long as there is something to check. */
const THREAD_MEMORY = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 24 }

export function createCheckThread(module: URL): CheckThread {
  let thread: Worker | undefined
  let last: Promise<unknown> = Promise.resolve()
  let idle: NodeJS.Timeout | undefined

  async function end(): Promise<void> {
    clearTimeout(idle)
    const ending = thread
    thread = undefined
    await ending?.terminate()
  }

  async function perform(task: TaskName, input: unknown, limitMs: number): Promise<Outcome<unknown>> {
    clearTimeout(idle)
    thread ??= new Worker(module, { resourceLimits: THREAD_MEMORY })
    const reply = await replyOf(thread, { task, input }, limitMs)
    if (reply.kind === 'broke') {
      await end()
      return { kind: 'gave-up', reason: reply.reason }
    }
    thread.unref()
    idle = setTimeout(() => void end(), IDLE_MS).unref()
    return reply
  }

  return {
    call(task, input, limitMs) {
      const next = last.then(() => perform(task, input, limitMs))
      last = next.catch(() => undefined)
      return next as Promise<Outcome<ThreadTasks[typeof task]['output']>>
    },
    async stop() {
      await last
      await end()
    },
  }
}

function replyOf(thread: Worker, request: { task: TaskName; input: unknown }, limitMs: number): Promise<TaskReply> {
  thread.ref()
  return new Promise((resolve) => {
    const settle = (reply: TaskReply) => {
      clearTimeout(timer)
      thread.off('message', settle).off('error', failed).off('exit', exited)
      resolve(reply)
    }
    const failed = (fault: Error) => settle({ kind: 'broke', reason: fault.message })
    const exited = () => settle({ kind: 'broke', reason: 'the thread that parses ended' })
    const timer = setTimeout(() => settle({ kind: 'broke', reason: `it took longer than ${limitMs / 1000} s` }), limitMs)
    thread.on('message', settle).on('error', failed).on('exit', exited)
    thread.postMessage(request)
  })
}
