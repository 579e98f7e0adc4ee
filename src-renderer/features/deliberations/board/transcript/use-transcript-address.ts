import { useMemo } from 'react'
import { useSearchParams } from 'wouter'
import { filterOf, type TranscriptFilter } from './filter.ts'

/** The filter and the linked message live in the address, so that a link opens the same messages. */
export function useTranscriptAddress() {
  const [params, setParams] = useSearchParams()
  const address = params.toString()
  const filter = useMemo(() => filterOf(new URLSearchParams(address)), [address])
  const setFilter = (next: TranscriptFilter) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before)
        const put = (name: string, value: string | null) => {
          if (value === null || value === '') after.delete(name)
          else after.set(name, value)
        }
        put('q', next.text.slice(0, 200))
        put('by', next.agentId)
        put('phase', next.phase)
        put('round', next.round === null ? null : String(next.round))
        put('only', next.onlyFlagged ? 'problems' : null)
        after.delete('message')
        return after
      },
      { replace: true },
    )
  return { filter, linked: params.get('message'), setFilter }
}
