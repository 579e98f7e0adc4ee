import * as format from '../../../lib/format.ts'
import type { ShapeName, Tone } from '../../../ui/icons.tsx'
import type { Estimate, EstimateReply } from '../shapes.ts'

/** What stands between the form and a launch, most basic first. */
export type Readiness =
  | { readonly kind: 'no-model' }
  | { readonly kind: 'no-task' }
  | { readonly kind: 'fault'; readonly message: string }
  | { readonly kind: 'estimating' }
  | { readonly kind: 'estimated'; readonly reply: EstimateReply }

export interface LaunchVerdict {
  readonly sentence: string
  readonly why: string
  readonly shape: ShapeName
  readonly tone: Tone
  /** Why it cannot be launched now; null when it can. */
  readonly blocked: string | null
}

export function launchVerdict(readiness: Readiness): LaunchVerdict {
  switch (readiness.kind) {
    case 'no-model':
      return {
        sentence: 'No model is served yet, so nothing can be launched',
        why: 'The task can be written meanwhile; it is kept in this browser.',
        shape: 'warn',
        tone: 'warn',
        blocked: 'No model is served yet.',
      }
    case 'no-task':
      return {
        sentence: 'Write the task that the agents shall answer',
        why: 'The estimate appears beside the form as you write. Nothing is sent to a model before you launch.',
        shape: 'info',
        tone: 'neutral',
        blocked: 'The task is empty.',
      }
    case 'fault':
      return {
        sentence: 'This cannot be launched as it is',
        why: readiness.message,
        shape: 'bad',
        tone: 'bad',
        blocked: readiness.message,
      }
    case 'estimating':
      return {
        sentence: 'Working out what this will take',
        why: 'Nothing is sent to a model before you launch.',
        shape: 'wait',
        tone: 'neutral',
        blocked: 'The estimate is on its way.',
      }
    case 'estimated':
      return estimatedVerdict(readiness.reply)
  }
}

function estimatedVerdict({ estimate, problems, warnings, timeout_ms }: EstimateReply): LaunchVerdict {
  const [problem] = problems
  if (problem !== undefined) {
    const more = problems.length > 1 ? ` ${format.counted(problems.length - 1, 'more problem')} below.` : ''
    return { sentence: 'The host would refuse this', why: `${problem}${more}`, shape: 'bad', tone: 'bad', blocked: problem }
  }
  const worst = estimate.duration_worst_ms
  const late = worst !== null && worst > timeout_ms
  const sentence =
    estimate.duration_ms === null
      ? unmeasured(estimate)
      : `${late ? 'May not end in time' : 'Fits all limits'}: ${takesInWords(estimate, estimate.duration_ms)}`
  const known =
    warnings.length === 0
      ? []
      : [`${warnings.length === 1 ? 'One thing' : `${warnings.length} things`} to know: ${warnings[0] ?? ''}`]
  const why = [
    ...(late
      ? [
          `At worst it takes ${format.duration(worst)}, the limit is ${format.duration(timeout_ms)}; what is in by then is ranked.`,
        ]
      : known),
    'Nothing is sent before you launch.',
  ].join(' ')
  return { sentence, why, shape: late ? 'warn' : 'good', tone: late ? 'warn' : 'good', blocked: null }
}

/** "about 53 s, $0.053 to $0.078, 18 model calls". */
function takesInWords(estimate: Estimate, durationMs: number): string {
  return `about ${format.duration(durationMs)}, ${costInWords(estimate)}, ${format.counted(estimate.calls, 'model call')}`
}

function unmeasured(estimate: Estimate): string {
  return `Ready: ${format.counted(estimate.calls, 'model call')}, ${costInWords(estimate)}; time unknown until this model has been measured`
}

function costInWords({ cost_micro_usd, cost_worst_micro_usd }: Estimate): string {
  const low = format.cost(cost_micro_usd)
  const high = format.cost(cost_worst_micro_usd)
  return low === high ? low : `${low} to ${high}`
}

/** "Launch: 18 calls, about 53 s, $0". */
export function launchTitle(readiness: Readiness): string {
  if (readiness.kind !== 'estimated') return 'Launch'
  const { estimate } = readiness.reply
  const time = estimate.duration_ms === null ? 'time unknown' : `about ${format.duration(estimate.duration_ms)}`
  return `Launch: ${format.counted(estimate.calls, 'call')}, ${time}, ${costInWords(estimate)}`
}
