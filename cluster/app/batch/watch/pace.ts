import type { RemainingWork } from '../../../domain/batch/eta.ts'
import type { PlanningRate } from '../../../domain/batch/rate.ts'
import type { SlaClock } from '../../../domain/batch/sla.ts'
import type { BatchLive } from '../../../messages/batch-views.ts'
import type { BatchEta, BatchRates } from '../../../messages/batch.ts'

/** What the last look at a batch found: for pictures of it between two looks. */
export interface BatchPace {
  readonly rates: BatchRates | null
  readonly eta: BatchEta | null
  readonly tokensLeft: number | null
  readonly sla: SlaClock
  readonly why: string
  /** Since the look before nothing of it was finished, because others went first. */
  readonly isPassed: boolean
  /** What its shown interval was widened by. */
  readonly factor: number
  readonly rate: PlanningRate
  readonly work: RemainingWork
  /** How what was shown of earlier batches of its model came true. */
  readonly calibration: BatchLive['calibration']
}
