import { describe, expect, it } from 'vitest'
import type { Estimate, EstimateReply } from '../shapes.ts'
import { launchTitle, launchVerdict, type Readiness } from './launch-verdict.ts'

const plain = (text: string) => text.replaceAll('\u00a0', ' ')

function estimated(estimate: Partial<Estimate> = {}, reply: Partial<EstimateReply> = {}): Readiness {
  return {
    kind: 'estimated',
    reply: {
      estimate: {
        baseline: null,
        phases: [],
        calls: 18,
        tokens_in: 1000,
        tokens_out: 500,
        duration_ms: 53_000,
        duration_worst_ms: 80_000,
        cost_micro_usd: 0,
        cost_worst_micro_usd: 0,
        basis: '',
        ...estimate,
      },
      timeout_ms: 300_000,
      task_tokens: 10,
      task_tokens_limit: 1000,
      problems: [],
      warnings: [],
      ...reply,
    },
  }
}

describe('the launch button', () => {
  it.each<[string, Readiness]>([
    ['Launch: 18 calls, about 53 s, $0', estimated()],
    [
      'Launch: 1 call, time unknown, $0.053 to $0.078',
      estimated({ calls: 1, duration_ms: null, cost_micro_usd: 53_000, cost_worst_micro_usd: 78_000 }),
    ],
    ['Launch', { kind: 'no-task' }],
  ])('says “%s”', (title, readiness) => {
    expect(plain(launchTitle(readiness))).toBe(title)
  })
})

describe('the verdict of the form', () => {
  it.each<[string, Readiness, string | null]>([
    ['No model is served yet, so nothing can be launched', { kind: 'no-model' }, 'No model is served yet.'],
    ['Write the task that the agents shall answer', { kind: 'no-task' }, 'The task is empty.'],
    [
      'This cannot be launched as it is',
      { kind: 'fault', message: 'Every weight must be above 0.' },
      'Every weight must be above 0.',
    ],
    ['Working out what this will take', { kind: 'estimating' }, 'The estimate is on its way.'],
    ['Fits all limits: about 53 s, $0, 18 model calls', estimated(), null],
    ['The host would refuse this', estimated({}, { problems: ['Too long.'] }), 'Too long.'],
    ['May not end in time: about 53 s, $0, 18 model calls', estimated({ duration_worst_ms: 400_000 }), null],
    [
      'Ready: 18 model calls, $0; time unknown until this model has been measured',
      estimated({ duration_ms: null, duration_worst_ms: null }),
      null,
    ],
  ])('is “%s”', (sentence, readiness, blocked) => {
    const verdict = launchVerdict(readiness)
    expect(plain(verdict.sentence)).toBe(sentence)
    expect(verdict.blocked).toBe(blocked)
  })

  it('passes on the host’s first warning', () => {
    expect(launchVerdict(estimated({}, { warnings: ['Answers are cut at 256 tokens.'] })).why).toContain(
      'One thing to know: Answers are cut',
    )
  })
})
