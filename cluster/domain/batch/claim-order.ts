/** A batch with requests that wait for a slot. Seconds. */
export interface Claimant {
  readonly batchId: string
  readonly model: string
  readonly tenant: string
  readonly secondsLeft: number
  /** The operator's −2…+2. */
  readonly offset: number
  /** P50 of its remaining work at the model's full capacity; null while no rate is known. */
  readonly workSeconds: number | null
  /** Its tenant's running requests, and how many those may be. */
  readonly active: number
  readonly maxActive: number
}

export interface ClaimRules {
  /** Weight of the deadline against fairness, 0–1; 0 = fairness alone. */
  readonly deadlineWeight: number
  /** Laxity that is none: what a running request cannot be interrupted for. Seconds. */
  readonly marginSeconds: number
}

const CLAIM_RULES: ClaimRules = { deadlineWeight: 0.3, marginSeconds: 30 }
const BATCHES_PER_MODEL = 4
const DAY_SECONDS = 86_400

/**
 * Who claims next. First those without laxity, by deadline; then by the operator's offset, and within one offset by
 * (1−w)·active/max_active + w·min(seconds left/86,400, 1), lowest first: an order given by hand is kept as long as no promise breaks by it.
 * Laxity is the time left minus the work of the batch and of those on its model that are due no later: alone on a model that is the
 * reference's laxity, and together no batch is let go past the point where only deadline order still holds every promise.
 */
export function claimOrder<C extends Claimant>(claimants: readonly C[], rules: ClaimRules = CLAIM_RULES): readonly C[] {
  const laxities = laxityOf(claimants)
  const ranked = claimants.map((claimant) => ({
    claimant,
    urgent: (laxities.get(claimant.batchId) ?? Infinity) <= rules.marginSeconds,
    score: claimScore(claimant, rules.deadlineWeight),
  }))
  ranked.sort((a, b) => {
    if (a.urgent !== b.urgent) return a.urgent ? -1 : 1
    const byHand = a.urgent ? 0 : b.claimant.offset - a.claimant.offset || a.score - b.score
    return byHand || byDeadline(a.claimant, b.claimant)
  })
  return ranked.map(({ claimant }) => claimant)
}

/** The batches that rows are claimed from: the first four of each model, so that a look costs what is chosen and not what waits. */
export function claimable<C extends Claimant>(claimants: readonly C[], rules: ClaimRules = CLAIM_RULES): readonly C[] {
  const taken = new Map<string, number>()
  return claimOrder(claimants, rules).filter(({ model }) => {
    const before = taken.get(model) ?? 0
    taken.set(model, before + 1)
    return before < BATCHES_PER_MODEL
  })
}

export function claimScore({ active, maxActive, secondsLeft }: Claimant, deadlineWeight: number): number {
  const share = maxActive > 0 ? active / maxActive : 1
  return (1 - deadlineWeight) * share + deadlineWeight * Math.min(Math.max(0, secondsLeft) / DAY_SECONDS, 1)
}

/** Seconds by which a batch could start later and still be done; unknown work counts as none. */
function laxityOf(claimants: readonly Claimant[]): ReadonlyMap<string, number> {
  const aheadOnModel = new Map<string, number>()
  const laxities = new Map<string, number>()
  for (const { batchId, model, secondsLeft, workSeconds } of [...claimants].sort(byDeadline)) {
    const work = (aheadOnModel.get(model) ?? 0) + (workSeconds ?? 0)
    aheadOnModel.set(model, work)
    laxities.set(batchId, secondsLeft - work)
  }
  return laxities
}

function byDeadline(a: Claimant, b: Claimant): number {
  return a.secondsLeft - b.secondsLeft || (a.batchId < b.batchId ? -1 : a.batchId > b.batchId ? 1 : 0)
}
