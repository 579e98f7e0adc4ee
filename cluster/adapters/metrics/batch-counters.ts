import { Histogram, type Registry } from 'prom-client'
import { isViolation, severityOf } from '../../domain/batch/sla.ts'
import { NO_COUNTS } from '../../domain/batch/state.ts'
import { batchEvent, batchSubject, type BatchEvent } from '../../messages/batch-events.ts'
import type { BatchCounts } from '../../messages/batch.ts'
import type { ErrorGroup } from '../../messages/batch-views.ts'
import type { EventLog } from '../../ports/event-log.ts'
import { aliasedCounter } from './aliases.ts'

export interface BatchCounters {
  /** The same log; what is appended of batches through it is counted. */
  readonly log: EventLog
  /** Once, when the plane is there: why requests of a batch failed. */
  readonly explain: (errors: (batchId: string) => Promise<readonly ErrorGroup[]>) => void
  /** Waits until all that was appended so far is counted, and scrapes. Figures of a batch that has ended are shown once more, then gone. */
  readonly scraped: <T>(scrape: () => Promise<T>) => Promise<T>
}

/** What was counted of a batch already. A batch that this process finds under way is counted from then on. */
interface Counted {
  readonly model: string
  readonly submittedAt: number | null
  readonly counts: BatchCounts | null
}

const ROOT = batchSubject('')
const JOB_REQUESTS = [1, 10, 100, 1000, 5000, 10_000, 25_000, 50_000]
const JOB_SECONDS = [60, 600, 3600, 4 * 3600, 12 * 3600, 24 * 3600, 48 * 3600, 168 * 3600]
const SEVERITIES = ['warning', 'critical'] as const
const KEPT_ENDED = 10_000

/** Counts batches by their events, from the start of this process on. Single requests are no events: they come with each tick's counts. */
export function countBatches(registry: Registry, log: EventLog, onFault: (fault: unknown) => void): BatchCounters {
  const figures = createFigures(registry)
  const over = new Set<string>()
  const counted = new Map<string, Counted>()
  let errorsOf: (batchId: string) => Promise<readonly ErrorGroup[]> = () => Promise.resolve([])
  let last = Promise.resolve()

  async function take(batchId: string, event: BatchEvent, at: number): Promise<void> {
    const before = counted.get(batchId) ?? { model: 'unknown', submittedAt: null, counts: null }
    switch (event.type) {
      case 'batch.submitted':
        counted.set(batchId, { ...before, submittedAt: at, counts: NO_COUNTS })
        return
      case 'batch.validated':
        counted.set(batchId, { ...before, model: event.data.plan.model.model })
        figures.jobSize.observe(event.data.plan.report.requests)
        return
      case 'batch.progress':
      case 'batch.finalizing':
        figures.grown(before, event.data.counts)
        counted.set(batchId, { ...before, counts: event.data.counts })
        return
      case 'batch.planned_again':
        // What is answered once more is counted once more.
        counted.set(batchId, { ...before, counts: event.data.counts })
        return
      case 'batch.sla_changed':
        if (isViolation(event.data)) figures.violations.inc({ job_id: batchId, severity: severityOf(event.data.to) })
        return
      case 'batch.alerted':
        figures.alerts.inc({ kind: event.data.kind })
        return
      case 'batch.cancelling':
        figures.cancellations.inc({})
        return
      case 'batch.ended':
        counted.delete(batchId)
        ends(batchId)
        figures.grown(before, event.data.counts)
        if (event.data.status === 'completed' && before.submittedAt !== null)
          figures.jobSeconds.observe(Math.max(0, at - before.submittedAt) / 1000)
        for (const { code, count } of await errorsOf(batchId)) figures.errors.inc({ model: before.model, cause: code }, count)
        return
      case 'batch.refused':
        counted.delete(batchId)
        return
      case 'batch.started':
        // From nothing on, so that the first violation is seen as an increase.
        for (const severity of SEVERITIES) figures.violations.inc({ job_id: batchId, severity }, 0)
        return
      case 'batch.paused':
      case 'batch.resumed':
      case 'batch.changed':
      case 'batch.overflow':
      case 'batch.settled':
        return
    }
  }

  /** What nobody scrapes is not kept for good. */
  function ends(batchId: string): void {
    over.add(batchId)
    const [oldest] = over
    if (over.size > KEPT_ENDED && oldest !== undefined) forget(oldest)
  }

  function forget(batchId: string): void {
    over.delete(batchId)
    for (const severity of SEVERITIES) figures.violations.remove({ job_id: batchId, severity })
  }

  return {
    log: {
      ...log,
      async append(subject, expected, events) {
        const result = await log.append(subject, expected, events)
        if (result.kind !== 'appended' || !subject.startsWith(ROOT)) return result
        for (const { type, data, at } of events) {
          const known = batchEvent.safeParse({ type, data })
          if (known.success) last = last.then(() => take(subject.slice(ROOT.length), known.data, at)).catch(onFault)
        }
        return result
      },
    },
    explain: (errors) => void (errorsOf = errors),
    async scraped(scrape) {
      await last
      const shown = [...over]
      const text = await scrape()
      for (const batchId of shown) forget(batchId)
      return text
    },
  }
}

function createFigures(registry: Registry) {
  const requests = aliasedCounter<'model' | 'status'>(registry, {
    name: 'signalbox_batch_requests_total',
    aliases: ['ray_data_inference_requests_total'],
    help: 'Requests of batches that have their outcome.',
    labelNames: ['model', 'status'],
  })
  const tokens = aliasedCounter<'model' | 'direction'>(registry, {
    name: 'signalbox_batch_tokens_total',
    aliases: ['ray_data_tokens_processed_total'],
    help: 'Tokens of requests of batches, as the answers state them.',
    labelNames: ['model', 'direction'],
  })
  const promptTokens = aliasedCounter<'model'>(registry, {
    name: 'batch_request_prompt_tokens_total',
    help: 'Prompt tokens of requests of batches.',
    labelNames: ['model'],
  })
  const generatedTokens = aliasedCounter<'model'>(registry, {
    name: 'batch_request_generation_tokens_total',
    aliases: ['llm_tokens_generated_total'],
    help: 'Tokens that were generated for requests of batches.',
    labelNames: ['model'],
  })
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name, help, buckets, registers: [registry] })

  return {
    violations: aliasedCounter<'job_id' | 'severity'>(registry, {
      name: 'signalbox_sla_violations_total',
      aliases: ['sla_violations_total'],
      help: 'Times that a batch came into a worse state of its deadline; once each time. Until it has ended.',
      labelNames: ['job_id', 'severity'],
    }),
    alerts: aliasedCounter<'kind'>(registry, {
      name: 'signalbox_batch_alerts_total',
      help: 'Warnings about batches, each once when it begins: stalled, sla_elapsed, shedding, engine_down.',
      labelNames: ['kind'],
    }),
    errors: aliasedCounter<'model' | 'cause'>(registry, {
      name: 'signalbox_batch_errors_total',
      aliases: ['ray_data_inference_errors_total'],
      help: 'Requests that failed, by cause; counted when their batch has ended.',
      labelNames: ['model', 'cause'],
    }),
    cancellations: aliasedCounter(registry, { name: 'batch_cancellation_total', help: 'Batches that were cancelled.' }),
    jobSize: histogram('batch_job_size', 'Requests of a batch.', JOB_REQUESTS),
    jobSeconds: histogram('batch_job_e2e_latency_seconds', 'From submit to end, of batches that completed.', JOB_SECONDS),

    /** What came since the last counts. Of a batch that was found under way the first counts are where counting begins. */
    grown({ model, counts }: Counted, now: BatchCounts): void {
      if (!counts) return
      for (const status of ['completed', 'failed', 'cancelled', 'expired'] as const)
        requests.inc({ model, status }, Math.max(0, now[status] - counts[status]))
      const [tokensIn, tokensOut] = [
        Math.max(0, now.tokens_in - counts.tokens_in),
        Math.max(0, now.tokens_out - counts.tokens_out),
      ]
      tokens.inc({ model, direction: 'in' }, tokensIn)
      tokens.inc({ model, direction: 'out' }, tokensOut)
      promptTokens.inc({ model }, tokensIn)
      generatedTokens.inc({ model }, tokensOut)
    },
  }
}
