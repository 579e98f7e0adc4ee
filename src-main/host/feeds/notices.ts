import type { EmbeddedPlane, RetentionReport } from '../../../cluster/entries/embedded.ts'
import type { BatchNotice } from '../../../cluster/read-models/batches/queries.ts'
import type { SheddingView } from '../../../src-preload/contract/batch.ts'
import type { Notice } from '../../../src-preload/contract/system.ts'
import { changes } from './changes.ts'

const INTERVAL_MS = 200
const SHOWN = 50

interface NoticeSources extends Pick<EmbeddedPlane, 'queries' | 'runsChanged' | 'batchViews'> {
  readonly batches: Pick<EmbeddedPlane['batches'], 'liveChanged' | 'shedding'>
  readonly retention: Pick<EmbeddedPlane['retention'], 'last' | 'onPassed'>
}

/** What operators should hear of once, of runs, of batches and of what retention removed: first the last ones, then each new one. */
export async function* watchNotices(
  { queries, runsChanged, batchViews, batches, retention }: NoticeSources,
  signal: AbortSignal,
): AsyncGenerator<{ type: 'snapshot' | 'new'; notices: Notice[] }> {
  const either = (onChanged: (keys: Iterable<string>) => void) => {
    const ends = [
      runsChanged(onChanged),
      batchViews.onChanged(onChanged),
      batches.liveChanged(onChanged),
      retention.onPassed(() => onChanged(['retention'])),
    ]
    return () => ends.forEach((end) => end())
  }
  const changed = changes(either, INTERVAL_MS, signal)
  const seen = new Set<string>()
  const unseen = (): Notice[] => {
    const runs = queries()
      .notices(SHOWN)
      .map(({ task_id, ...notice }): Notice => ({ ...notice, link: `/local/deliberations/${task_id}` }))
    const ofBatches = batchViews.queries().notices(SHOWN).map(toNotice)
    const ofPlane = [...calledFor(batches.shedding()), ...passed(retention.last())]
    const fresh = [...runs, ...ofBatches, ...ofPlane].filter(({ id }) => !seen.has(id))
    for (const { id } of fresh) seen.add(id)
    return fresh.toSorted((a, b) => b.at - a.at).slice(0, SHOWN)
  }
  yield { type: 'snapshot', notices: unseen() }
  for await (const _keys of changed) {
    const notices = unseen()
    if (notices.length > 0) yield { type: 'new', notices }
  }
}

/** Load is shed, and a person is to see why. */
function calledFor(shedding: SheddingView | null): Notice[] {
  if (shedding?.escalated_at == null) return []
  const at = shedding.escalated_at
  const body = `${shedding.why.join('; ')}. Batches are held back meanwhile: see the Batches page.`
  return [{ id: `shedding-${at}`, at, severity: 'bad', title: 'More to do than can be done', body, link: '/local/batches' }]
}

function passed(report: RetentionReport | null): Notice[] {
  return report ? [retentionNotice(report)] : []
}

/** What retention removed, what that freed, and what it could not remove. */
export function retentionNotice({ at, days, runs, batches, bytes, left, reason }: RetentionReport): Notice {
  const removed = [counted(runs, 'run', 'runs'), counted(batches, 'batch', 'batches')].filter((words) => words !== '')
  const stuck = left > 0 ? [`${left} could not be removed (${reason}); this is tried again every hour.`] : []
  const about = { id: `retention-${at}`, at, link: '/local/settings/storage' }
  if (removed.length === 0) return { ...about, severity: 'warn', title: 'What is to expire stays', body: stuck.join(' ') }
  return {
    ...about,
    severity: left > 0 ? 'warn' : 'info',
    title: `${removed.join(' and ')} expired`,
    body: [`Ended more than ${counted(days, 'day', 'days')} ago; frees ${megabytes(bytes)} of texts and files.`, ...stuck].join(
      ' ',
    ),
  }
}

/** Nothing for none. */
function counted(count: number, one: string, many: string): string {
  return count === 0 ? '' : `${count} ${count === 1 ? one : many}`
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toLocaleString('en', { maximumSignificantDigits: 2 })} MB`
}

const severities = { info: 'info', warning: 'warn', critical: 'bad' } as const

/** Where the message has no heading of its own. */
const headings: Readonly<Partial<Record<string, string>>> = {
  completed: 'done',
  failed: 'failed',
  expired: 'expired',
  cancelled: 'cancelled',
  refused: 'refused',
  engine_down: 'its engine is down',
  sla_elapsed: 'most of its window is over',
  shedding: 'held back',
  stalled: 'stalled',
}

/** The title names the batch and what became of it; the body says why, and nothing twice. */
export function toNotice({ id, at, batch_id, name, kind, severity, message }: BatchNotice): Notice {
  const heading = headings[kind]
  const [head = message, ...rest] = message.split(': ')
  return {
    id,
    at,
    severity: kind === 'completed' && severity === 'info' ? 'good' : severities[severity],
    title: `${name}: ${heading ?? head}`,
    body: heading === undefined ? rest.join(': ') : message,
    link: `/local/batches/${batch_id}`,
  }
}
