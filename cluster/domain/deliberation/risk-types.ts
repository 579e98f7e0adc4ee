/** How a run stands to its deadline; mirrors the zod shapes of `cluster/messages` like the rest of the types. */
export type DeadlineRisk = 'on_track' | 'at_risk' | 'breaching'

export interface RiskChanged {
  readonly from: DeadlineRisk
  readonly to: DeadlineRisk
  /** [likely, worst], milliseconds since the epoch. */
  readonly expected_end: [number, number]
  readonly why: string
}
