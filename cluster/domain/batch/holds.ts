import type { BatchHold } from './types.ts'

/** Why a batch does not run now. Times are milliseconds. */
export type HoldReason =
  | { readonly code: 'validating' }
  | { readonly code: 'slots'; readonly running: number }
  | { readonly code: 'pool'; readonly slots: number; readonly place: number }
  | { readonly code: 'not_before'; readonly inMs: number }
  | { readonly code: 'rate_limited'; readonly inMs: number | null }
  | { readonly code: 'circuit_open'; readonly engine: string; readonly inMs: number | null }
  | { readonly code: 'engine_down'; readonly engine: string; readonly cause: string }
  | { readonly code: 'deferred'; readonly cause: string }
  | { readonly code: 'paused'; readonly by: string }
  | { readonly code: 'model_changed'; readonly engine: string; readonly model: string; readonly was: string; readonly is: string }
  | { readonly code: 'model_missing'; readonly model: string }

/** The reason in words; whether waiting cures it, and what else does. */
export function holdOf(reason: HoldReason): BatchHold {
  switch (reason.code) {
    case 'validating':
      return waiting(reason.code, 'Its file is being checked.')
    case 'slots':
      return waiting(
        reason.code,
        `Its model is busy: ${reason.running} ${reason.running === 1 ? 'request runs' : 'requests run'} on it, as many as it takes.`,
      )
    case 'pool':
      return reason.slots === 0
        ? stuck(reason.code, 'It needs a slot, and no pool has any.', 'Give a pool slots in the settings, or remove the pools.')
        : waiting(
            reason.code,
            `${reason.slots === 1 ? 'The only slot is' : `All ${reason.slots} slots are`} taken; it is number ${reason.place} of those that wait.`,
          )
    case 'not_before':
      return waiting(reason.code, `It is set to start later, in ${span(reason.inMs)}.`)
    case 'rate_limited':
      return waiting(reason.code, `Its engine takes no more requests for now; it is asked again${after(reason.inMs) || ' soon'}.`)
    case 'circuit_open':
      return waiting(
        reason.code,
        `${reason.engine} failed several times in a row and is left alone for now; the next try is made${after(reason.inMs) || ' soon'}.`,
      )
    case 'deferred':
      return waiting(reason.code, `Batches of low priority wait: ${reason.cause}.`)
    case 'engine_down':
      return stuck(
        reason.code,
        `${reason.engine} cannot be used: ${reason.cause.replace(/\.$/, '')}.`,
        `Start ${reason.engine}, or check its address.`,
      )
    case 'paused':
      return stuck(reason.code, `${reason.by} paused it.`, 'Resume it.')
    case 'model_changed':
      return stuck(
        reason.code,
        `${reason.engine} serves ${reason.is} as ${reason.model} now; the batch was begun with ${reason.was}.`,
        `Serve ${reason.was} under that name again, or cancel the batch and retry what has no answer as a new one.`,
      )
    case 'model_missing':
      return stuck(reason.code, `No engine serves ${reason.model}.`, `Start an engine with ${reason.model}, or cancel the batch.`)
  }
}

const waiting = (code: string, message: string): BatchHold => ({ code, message, cured_by_waiting: true, fix: null })
const stuck = (code: string, message: string, fix: string): BatchHold => ({ code, message, cured_by_waiting: false, fix })
const after = (ms: number | null): string => (ms === null ? '' : ` in ${span(ms)}`)

/** Milliseconds in words. */
export function span(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 2) return `${Math.max(1, Math.round(ms / 1000))} s`
  return minutes < 120 ? `${minutes} m` : `${Number((minutes / 60).toFixed(1))} h`
}
