/** A program for tests: appends to the log of the file it is given, prints each acknowledged sequence, and never ends by itself. */
import { writeSync } from 'node:fs'
import { openSqliteContext } from './context.ts'

const file = process.argv[2] ?? ''
const { log } = await openSqliteContext({ file, writerModule: new URL('./writer-thread.ts', import.meta.url) })

async function appendForever(subject: string): Promise<never> {
  const entries = await log.readSubject(subject)
  let last = entries.at(-1)?.sequence ?? 0
  for (let number = entries.length; ; number++) {
    const event = {
      id: `${subject}.${number}`,
      type: 'sample.happened',
      at: 0,
      actor: 'a',
      tenant: 'local',
      schema: 1,
      data: { number },
    }
    const result = await log.append(subject, last, [event])
    last = result.kind === 'appended' ? result.sequence : result.actual
    if (result.kind === 'appended') writeSync(1, `${last} ${event.id}\n`)
  }
}

await Promise.all(['run.a', 'run.b', 'run.c'].map(appendForever))
