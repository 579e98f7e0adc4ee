import { Worker } from 'node:worker_threads'
import { UnavailableError } from '../../ports/errors.ts'
import { storeError } from './failures.ts'
import type { FromWriter, ToWriter, WriterData } from './writer-protocol.ts'

export type BatchReply = Extract<FromWriter, { kind: 'batch' }>

/** A writer thread that has the database open. */
export interface Thread {
  send(message: ToWriter): void
}

/** Starts the thread at `module` and resolves when it has the database open; `onEnd` is told once of its end after that. */
export function startThread(
  module: URL,
  data: WriterData,
  { onBatch, onEnd }: { readonly onBatch: (reply: BatchReply) => void; readonly onEnd: (cause: Error | undefined) => void },
): Promise<Thread> {
  const worker = new Worker(module, { workerData: data })
  return new Promise((resolve, reject) => {
    let isOpen = false
    let cause: Error | undefined
    const refuse = (reason: string) =>
      reject(new UnavailableError(`The thread that writes ${data.file} did not start: ${reason}`, { cause }))
    worker.on('message', (message: FromWriter) => {
      if (message.kind === 'batch') onBatch(message)
      else if (message.kind === 'refused')
        reject(storeError(message.failure, data.file) ?? new UnavailableError(message.failure.message))
      else {
        isOpen = true
        resolve({ send: (to) => worker.postMessage(to) })
      }
    })
    worker.on('error', (fault: Error) => (cause = fault))
    worker.once('exit', (code) => {
      if (isOpen) onEnd(cause)
      else refuse(cause?.message ?? `it ended with code ${code}`)
    })
  })
}
