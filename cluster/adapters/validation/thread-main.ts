/** The thread that reads an input file: one file, then it ends. */
import { parentPort, workerData } from 'node:worker_threads'
import type { FromThread, ThreadData, ToThread } from './protocol.ts'
import { createValidator } from './validator.ts'

if (!parentPort) throw new Error('The validation thread is started by createFileValidation.')
serve(parentPort, workerData as ThreadData)

function serve(port: NonNullable<typeof parentPort>, { endpoint, tellsRequests }: ThreadData): void {
  const validator = createValidator(endpoint, tellsRequests)
  const none = new Float64Array()
  let told = 0

  function taken(): FromThread {
    if (!tellsRequests || validator.errorCount > 0) return { kind: 'taken', numbers: none, customIds: [] }
    const numbers = validator.columns.since(told)
    told = validator.columns.count
    return { kind: 'taken', numbers, customIds: validator.takeIds() }
  }

  port.on('message', (message: ToThread) => {
    if (message.kind === 'piece') {
      validator.push(Buffer.from(message.bytes.buffer, message.bytes.byteOffset, message.bytes.byteLength))
      port.postMessage(taken())
      return
    }
    const report = validator.end()
    port.postMessage(taken())
    const found: FromThread = { kind: 'found', report, numbers: validator.columns.since(0) }
    port.postMessage(found)
    port.close()
  })
}
