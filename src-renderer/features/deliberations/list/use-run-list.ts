import { useEffect, useMemo, useRef, useState } from 'react'
import type { RunQuery } from '../../../../src-preload/contract/deliberation.ts'
import { useHost } from '../../../lib/console.tsx'
import { useStream } from '../../../lib/use-stream.ts'
import { LEAVES_AFTER_MS, placesOf, type Places } from './places.ts'
import { emptyRunList, runListSource, type RunList } from './run-list.ts'
import { Sight } from './sight.ts'

export interface OpenRunList extends Places {
  readonly state: 'waiting' | 'cached' | 'live' | 'failed'
  readonly error: Error | null
  readonly list: RunList
  /** Changes when the list is another one, or was opened anew: the table then begins at its top. */
  readonly epoch: string
  /** Runs that match and are not shown: they wait until the operator wants them. */
  readonly waiting: number
  readonly showWaiting: () => void
  readonly report: (first: number, last: number) => void
  readonly reportTop: (atTop: boolean) => void
}

/** The list of a query, as far as the window shows it. At the top of a list by age new runs come in by themselves; elsewhere they wait. */
export function useRunList(query: RunQuery): OpenRunList {
  const host = useHost()
  const [opening, setOpening] = useState(0)
  const [atTop, setAtTop] = useState(true)
  const asked = JSON.stringify(query)
  const epoch = `${opening} ${asked}`
  // One for each list: what was in sight of another one says nothing here.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const sight = useMemo(() => new Sight(), [epoch])
  const live = useStream(`run list ${epoch}`, runListSource(host, query, sight))

  // Until the first rows of another query have come, those of the last one stay.
  const before = useRef<RunList>(emptyRunList)
  const list = live.value ?? before.current
  useEffect(() => {
    if (live.value !== null) before.current = live.value
  }, [live.value])

  const newestFirst = query.order.by === 'created' && query.order.descending
  const complete = list.fresh.length >= list.freshTotal
  const [shownFresh, setShownFresh] = useState({ epoch, count: 0 })
  const known = shownFresh.epoch === epoch ? Math.min(shownFresh.count, list.fresh.length) : 0
  const count = newestFirst && complete && atTop ? list.fresh.length : known
  useEffect(() => {
    if (count !== known) setShownFresh({ epoch, count })
  }, [count, known, epoch])

  const now = useLeaving(list)
  const places = useMemo(() => placesOf(list, list.fresh.slice(list.fresh.length - count), now), [list, count, now])
  return {
    ...places,
    state: live.state,
    error: live.error,
    list,
    epoch,
    waiting: Math.max(0, list.freshTotal - count),
    showWaiting: () => {
      if (newestFirst && complete) setShownFresh({ epoch, count: list.fresh.length })
      else setOpening(opening + 1)
    },
    report: (first, last) => sight.report(places.placeAt(first), places.placeAt(last)),
    reportTop: setAtTop,
  }
}

/** The time, renewed when a row that has left is to go. */
function useLeaving({ left }: RunList): number {
  const [now, setNow] = useState(0)
  useEffect(() => {
    const next = Math.min(...[...left.values()].filter((at) => Date.now() - at < LEAVES_AFTER_MS))
    if (!Number.isFinite(next)) return
    const timer = setTimeout(() => setNow(Date.now()), next + LEAVES_AFTER_MS - Date.now())
    return () => clearTimeout(timer)
  }, [left, now])
  return now
}
