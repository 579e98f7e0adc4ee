import type { BatchEstimate } from '../../../../src-preload/contract/batch.ts'
import * as format from '../../../lib/format.ts'
import type { ShapeName, Tone } from '../../../ui/icons.tsx'
import { metadataFault, windowHours, type BatchForm, type FileState } from './new-batch-state.ts'

export interface SubmitVerdict {
  readonly sentence: string
  readonly tone: Tone
  readonly shape: ShapeName
  readonly why: string
  /** Why it cannot be submitted now; null when it can. */
  readonly blocked: string | null
}

/** Can it be submitted, and will it be done in its window? */
export function submitVerdict(
  file: FileState,
  estimate: BatchEstimate | null,
  fault: string | null,
  form: BatchForm,
  now: number,
): SubmitVerdict {
  const wait = (sentence: string, why: string): SubmitVerdict => ({
    sentence,
    tone: 'neutral',
    shape: 'wait',
    why,
    blocked: sentence,
  })
  switch (file.kind) {
    case 'none':
      return {
        sentence: 'Drop a file of requests, paste them, or make them from a table',
        tone: 'neutral',
        shape: 'off',
        why: 'Every line is checked before anything is sent.',
        blocked: 'There is no file yet.',
      }
    case 'sending':
      return file.sent < file.bytes
        ? wait(`Taking in ${file.name}, ${format.percent(file.sent / file.bytes)}`, 'Nothing is sent to a model yet.')
        : wait(`Storing ${file.name}`, 'All of it has arrived and is written to the store.')
    case 'reading':
      return wait(
        `Reading ${file.file.filename}, ${format.percent(file.read / Math.max(1, file.file.content.size))}`,
        'Every line is held against what a batch may hold.',
      )
    case 'failed':
      return { sentence: 'The file could not be taken in', tone: 'bad', shape: 'bad', why: file.message, blocked: file.message }
    case 'read':
      break
  }
  const { report } = file
  const odd = metadataFault(form.metadata)
  if (odd !== null) return { sentence: 'The metadata cannot be read', tone: 'bad', shape: 'bad', why: odd, blocked: odd }
  if (report.error_count > 0) {
    const [first] = report.errors
    const words = `${format.counted(report.error_count, 'error')} in ${format.counted(report.lines, 'line')}`
    return {
      sentence: `This file cannot be run: ${words}`,
      tone: 'bad',
      shape: 'bad',
      why: first ? `Line ${format.integer(first.line)}: ${first.message}` : '',
      blocked: `${words}; mend the file and take it in again.`,
    }
  }
  if (fault !== null) return { sentence: 'This batch would be refused', tone: 'bad', shape: 'bad', why: fault, blocked: fault }
  if (estimate === null) return wait(`${format.counted(report.requests, 'request')}, all sound; estimating`, '')
  const { admission, duration_ms, wait_ms } = estimate
  const end = duration_ms === null ? null : now + (wait_ms ?? 0) + duration_ms[1]
  const ends =
    end === null
      ? 'when it is done is not known yet'
      : `done about ${format.moment(now + (wait_ms ?? 0) + (duration_ms?.[0] ?? 0), now)}, by ${format.moment(end, now)} at worst`
  const sentence = `${format.counted(report.requests, 'request')}: ${ends}`
  if (admission.verdict === 'reject' && !form.force)
    return {
      sentence: `${format.counted(report.requests, 'request')} do not fit the window of ${windowHours(form)} h`,
      tone: 'bad',
      shape: 'bad',
      why: admission.message,
      blocked: `${admission.message} Choose a longer window, or take it in all the same.`,
    }
  if (end === null) return { sentence, tone: 'info', shape: 'info', why: admission.message, blocked: null }
  if (admission.verdict === 'accept') return { sentence, tone: 'good', shape: 'good', why: admission.message, blocked: null }
  return { sentence, tone: 'warn', shape: 'warn', why: admission.message, blocked: null }
}
