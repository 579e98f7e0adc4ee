import type { BatchRow, QueueEffect } from '../../../../src-preload/contract/batch.ts'
import * as format from '../../../lib/format.ts'

export interface EffectLine {
  readonly words: string
  /** A deadline that would not be kept. */
  readonly isLate: boolean
}

const OTHERS_SHOWN = 3

/** `+1`, `0`, `−2`. */
export function signed(offset: number): string {
  return offset > 0 ? `+${offset}` : String(offset).replace('-', '−')
}

/** What a change of place or start does: to the place, to the end, to the others. */
export function effectLines(row: BatchRow, effect: QueueEffect, now: number): readonly EffectLine[] {
  const { others } = effect
  const rest = others.length - OTHERS_SHOWN
  return [
    plain(placeWords(row, effect)),
    endLine('It', row.deadline, effect.end, now, effect.basis),
    ...others.slice(0, OTHERS_SHOWN).map(({ name, deadline, end }) => endLine(`“${name}”`, deadline, end, now, '')),
    ...(rest > 0 ? [plain(`The ends of ${format.counted(rest, 'other batch', 'other batches')} move too.`)] : []),
  ]
}

const plain = (words: string): EffectLine => ({ words, isLate: false })

function placeWords(row: BatchRow, { position: { now, then }, of, passes, lets_pass }: QueueEffect): string {
  const batches = (count: number) => format.counted(count, 'batch', 'batches')
  if (now === null && then === null)
    return row.status === 'paused'
      ? 'It is paused and has no place in the queue; this counts once it is resumed.'
      : 'It has no place in the queue yet; this counts once it has.'
  if (then === null) return 'It leaves the queue until then; others go on.'
  if (now === null) return `It takes place ${then} of ${of + 1} in the queue of its model.`
  if (passes > 0) return `It goes before ${batches(passes)}: place ${then} of ${of} instead of ${now}.`
  if (lets_pass > 0)
    return `${batches(lets_pass)} ${lets_pass === 1 ? 'goes' : 'go'} before it: place ${then} of ${of} instead of ${now}.`
  return of <= 1
    ? 'Nothing else waits for its model: it changes nothing now, and counts when something does.'
    : `Its place stays ${then} of ${of} for now: those around it are further apart, or have no time to spare.`
}

function endLine(name: string, deadline: number, end: QueueEffect['end'], now: number, basis: string): EffectLine {
  if (end.then === null) return plain(basis)
  const then = format.moment(end.then, now)
  const was = end.now === null ? null : format.moment(end.now, now)
  const late = end.then - deadline
  const words =
    was === null || was === then
      ? `${name} ends about ${then}${was === then ? ', as before' : ''}`
      : `${name} ends about ${then} instead of ${was}`
  return late > 0 ? { words: `${words}: ${format.duration(late)} after its deadline.`, isLate: true } : plain(`${words}.`)
}
