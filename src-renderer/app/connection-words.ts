import type { ConnectionState } from '../../src-preload/channel/connection.ts'
import type { ShapeName, Tone } from '../ui/icons.tsx'
import { age, duration } from '../lib/format.ts'

export interface ConnectionWords {
  readonly chip: { readonly tone: Tone | 'stale'; readonly shape: ShapeName; readonly text: string }
  /** What is wrong, what still works, what happens next; null while there is nothing to say. */
  readonly banner: { readonly tone: 'warn' | 'bad'; readonly text: string; readonly action: 'retry' | 'reload' } | null
}

/** A connection that comes back within this needs no banner. */
const quietMs = 1_500

/** What chip and banner say. `lostAt`: when it was last live; `pictureAt`: how old what is shown is, null = nothing is shown yet. */
export function connectionWords(
  state: ConnectionState,
  now: number,
  lostAt: number | null,
  pictureAt: number | null,
): ConnectionWords {
  const picture =
    pictureAt === null
      ? 'There is no earlier picture to show.'
      : `What you see is the last known picture, ${age(now - pictureAt)} old.`
  switch (state.kind) {
    case 'live':
      return { chip: { tone: 'good', shape: 'good', text: 'Live' }, banner: null }
    case 'connecting':
      if (pictureAt === null) return { chip: { tone: 'neutral', shape: 'dash', text: 'Connecting' }, banner: null }
      return { chip: { tone: 'stale', shape: 'wait', text: `Cached, ${age(now - pictureAt)} old` }, banner: null }
    case 'reconnecting': {
      const left = state.next_at - now
      const next = left > 0 ? `next try in ${duration(Math.ceil(left / 1000) * 1000)}` : 'trying now'
      const chip = {
        tone: 'warn',
        shape: 'wait',
        text: left > 0 ? `Reconnecting in ${duration(Math.ceil(left / 1000) * 1000)}` : 'Reconnecting',
      } as const
      if (lostAt !== null && now - lostAt < quietMs) return { chip, banner: null }
      const text = `${state.reason} ${picture} Runs that were started go on while the host runs. Attempt ${state.attempt} failed, ${next}.`
      return { chip, banner: { tone: 'warn', text, action: 'retry' } }
    }
    case 'refused':
      return {
        chip: { tone: 'bad', shape: 'bad', text: 'Refused' },
        banner: { tone: 'bad', text: `The host refused this page: ${state.reason} ${picture}`, action: 'reload' },
      }
  }
}
