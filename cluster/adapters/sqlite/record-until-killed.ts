/** A program for tests: records outcomes of a batch in the file it is given, prints each acknowledged n, and never ends by itself. */
import { writeSync } from 'node:fs'
import { completed, sampleRequest } from '../../ports/conformance/batch-requests.ts'
import { openSqliteBatchRequests } from './batch-requests.ts'

const REQUESTS = 50_000
const AT_ONCE = 50
const { requests } = await openSqliteBatchRequests({
  file: process.argv[2] ?? '',
  writerModule: new URL('./writer-thread.ts', import.meta.url),
  onFault: (fault) => {
    throw fault
  },
})
if ((await requests.counts('batch_1')).total === 0) {
  await requests.begin('batch_1')
  await requests.add(
    'batch_1',
    Array.from({ length: REQUESTS }, (_, n) => sampleRequest(n)),
  )
}
let last = -1
async function recordForever(): Promise<void> {
  for (;;) {
    const open = await requests.pending('batch_1', last, AT_ONCE)
    if (open.length === 0) break
    last = open.at(-1)?.n ?? last
    await requests.record(
      'batch_1',
      open.map(({ n }) => completed(n, { body: `"answer ${n}"` })),
    )
    writeSync(1, open.map(({ n }) => `${n}\n`).join(''))
  }
}
await recordForever()
await new Promise(() => setInterval(() => undefined, 1_000))
