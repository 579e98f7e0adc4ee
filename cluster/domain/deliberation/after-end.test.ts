import { describe, expect, it } from 'vitest'
import { decideArchive, decideDismiss, decideOutcome, type AfterEnd, type OutcomeGiven } from './after-end.ts'
import { decideCancel } from './decide.ts'
import { completed, failed, goodReply, play, sampleSpec } from './sample-runs.ts'
import { applyEvents, type RunState } from './state.ts'

const AUTHOR = 'agent-developer-001'
const finished = play(sampleSpec()).state
const winner = finished.selection?.agent_id ?? ''
const running = play(sampleSpec(), { answer: () => undefined }).state
const failedRun = play(sampleSpec(), { answer: failed }).state

function after(state: RunState, ...decisions: readonly ((state: RunState) => AfterEnd)[]): RunState {
  return decisions.reduce((now, decide) => {
    const decision = decide(now)
    return decision.kind === 'events' && decision.events.length > 0 ? applyEvents(now, decision.events, 5) : now
  }, state)
}
const say = (given: OutcomeGiven) => (state: RunState) => decideOutcome(state, given, 'ann')

describe('an outcome', () => {
  it('is kept with who said it, of the winner unless another proposal is named', () => {
    const of = (given: OutcomeGiven) => after(finished, say(given)).outcomes
    expect([of({ verdict: 'accepted', rating: 5 }), of({ verdict: 'rejected', reason: 'Too long.', agent_id: AUTHOR })]).toEqual([
      [{ verdict: 'accepted', agent_id: winner, rating: 5, by: 'ann' }],
      [{ verdict: 'rejected', agent_id: AUTHOR, rating: null, reason: 'Too long.', by: 'ann' }],
    ])
  })

  it('may change, with every earlier one kept, while the run stays as it ended', () => {
    const changed = after(finished, say({ verdict: 'accepted' }), say({ verdict: 'corrected', correction: 'Better.' }))
    expect(changed.outcomes.map((each) => each.verdict)).toEqual(['accepted', 'corrected'])
    expect({ ...changed, outcomes: [] }).toEqual(finished)
  })

  it('given twice in the same words counts once', () => {
    expect(after(finished, say({ verdict: 'accepted' }), say({ verdict: 'accepted' })).outcomes.length).toBe(1)
  })

  it.each<[string, RunState, OutcomeGiven, string]>([
    ['while the run is in motion', running, { verdict: 'accepted' }, 'not_ended'],
    ['where no agent gave a proposal', failedRun, { verdict: 'rejected', reason: 'Nothing.' }, 'no_proposal'],
    ['of an agent without a proposal', finished, { verdict: 'accepted', agent_id: 'nobody' }, 'no_proposal'],
  ])('is refused %s', (_, state, given, kind) => {
    expect(decideOutcome(state, given, 'ann').kind).toBe(kind)
  })

  it('of a cancelled run needs the proposal named, because it has no winner', () => {
    const halfway = play(sampleSpec({ rounds: 0, peer_review: false }), {
      answer: (state, order) => (order.phase === 'score' ? undefined : completed(state, order, goodReply(state, order))),
    }).state
    const stopped = applyEvents(halfway, decideCancel(halfway, 'ann'), 9)
    expect([
      decideOutcome(stopped, { verdict: 'accepted' }, 'ann').kind,
      decideOutcome(stopped, { verdict: 'accepted', agent_id: AUTHOR }, 'ann').kind,
    ]).toEqual(['no_proposal', 'events'])
  })
})

describe('an ended run', () => {
  it('can be archived and put back, and dismissed; again changes nothing', () => {
    const archived = after(finished, (state) => decideArchive(state, true, 'ann'))
    const back = after(archived, (state) => decideArchive(state, false, 'ann'))
    const dismissed = after(failedRun, (state) => decideDismiss(state, 'ann'))
    expect([archived.isArchived, back.isArchived, dismissed.isDismissed]).toEqual([true, false, true])
    const again = [decideArchive(archived, true, 'ann'), decideArchive(back, false, 'ann'), decideDismiss(dismissed, 'ann')]
    expect(again).toEqual(again.map(() => ({ kind: 'events', events: [] })))
  })

  it('is what these are for: a run in motion can be neither archived nor dismissed', () => {
    expect([decideArchive(running, true, 'ann').kind, decideDismiss(running, 'ann').kind]).toEqual(['not_ended', 'not_ended'])
  })
})
