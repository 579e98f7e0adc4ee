import * as z from 'zod'
import { completedAnswer, failedAnswer } from './answer.ts'
import { batchEvent } from './batch-events.ts'
import { blobReference } from './blob.ts'
import { commandsByName } from './command-table.ts'
import { commandReply, commandRequest } from './commands.ts'
import { deadLetter } from './dead-letter.ts'
import { deliberationCompleted, deliberationFailed } from './end-notice.ts'
import { deliberationEvent } from './deliberation-events.ts'
import { deliberationExport } from './deliberation-export.ts'
import { submitDeliberation } from './deliberation.ts'
import { eventEnvelope } from './envelope.ts'
import { liveMessage } from './live.ts'
import { progress } from './progress.ts'
import { runUpdate } from './run-updates.ts'
import { workItem } from './work.ts'

const shapes: Readonly<Record<string, z.ZodType>> = {
  'agent-live': liveMessage,
  'agent-response-completed': completedAnswer,
  'agent-response-failed': failedAnswer,
  'agent-response-progress': progress,
  'agent-work': workItem,
  'batch-event': batchEvent,
  'blob-reference': blobReference,
  'command-reply': commandReply,
  'command-request': commandRequest,
  ...commandShapes(),
  'deliberation-completed': deliberationCompleted,
  'deliberation-dead-letter': deadLetter,
  'deliberation-event': deliberationEvent,
  'deliberation-export': deliberationExport,
  'deliberation-failed': deliberationFailed,
  'deliberation-submit': submitDeliberation,
  'event-envelope': eventEnvelope,
  'run-update': runUpdate,
}

/** Input and reply of each command. */
function commandShapes(): Record<string, z.ZodType> {
  return Object.fromEntries(
    [...commandsByName].flatMap(([name, { input, reply }]) => {
      const file = `command-${name.replace('.', '-')}`
      return [
        [file, input],
        [`${file}-reply`, reply],
      ]
    }),
  )
}

/**
 * The JSON Schema (2020-12) of each message that travels on NATS, as text by file name, for programs in other languages. It says what
 * is accepted: defaults may be left out, and fields that are not known are no fault unless the shape is strict.
 */
export function schemaFiles(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(shapes).map(([name, schema]) => [
      `${name}.json`,
      `${JSON.stringify({ title: name, ...z.toJSONSchema(schema, { io: 'input' }) }, null, 2)}\n`,
    ]),
  )
}
