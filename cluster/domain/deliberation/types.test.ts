import { expect, expectTypeOf, test } from 'vitest'
import type * as answers from '../../messages/answer.ts'
import type * as shapes from '../../messages/deliberation.ts'
import type * as judgement from '../../messages/deliberation-judgement.ts'
import type * as events from '../../messages/deliberation-events.ts'
import { promptSet, type PromptSet as WirePromptSet } from '../../messages/prompts.ts'
import type * as roles from '../../messages/roles.ts'
import type * as work from '../../messages/work.ts'
import type { ComposedCall } from './compose.ts'
import type * as domain from './types.ts'

test('the domain speaks the same shapes as the wire, in both directions', () => {
  expectTypeOf<domain.RunEvent>().toExtend<events.DeliberationEvent>()
  expectTypeOf<events.DeliberationEvent>().toExtend<domain.RunEvent>()
  expectTypeOf<domain.Answer>().toExtend<answers.Answer>()
  expectTypeOf<answers.Answer>().toExtend<domain.Answer>()
  expectTypeOf<domain.RunSpec>().toExtend<shapes.RunSpec>()
  expectTypeOf<shapes.RunSpec>().toExtend<domain.RunSpec>()
  expectTypeOf<domain.RunEstimate>().toExtend<shapes.RunEstimate>()
  expectTypeOf<shapes.RunEstimate>().toExtend<domain.RunEstimate>()
  expectTypeOf<domain.RankedProposal>().toExtend<judgement.RankedProposal>()
  expectTypeOf<judgement.RankedProposal>().toExtend<domain.RankedProposal>()
  expectTypeOf<domain.RunStatus>().toEqualTypeOf<shapes.DeliberationStatus>()
  expectTypeOf<domain.Criterion>().toExtend<roles.Criterion>()
  expectTypeOf<roles.Criterion>().toExtend<domain.Criterion>()
})

test('a composed call is the part of a work item that the domain decides', () => {
  expectTypeOf<ComposedCall>().toExtend<
    Pick<work.WorkItem, 'messages' | 'temperature' | 'max_tokens' | 'seed' | 'diversity' | 'format' | 'score_field'>
  >()
})

test('the prompt file is what the composer reads', () => {
  expectTypeOf<domain.PromptSet>().toExtend<WirePromptSet>()
  expectTypeOf<WirePromptSet>().toExtend<domain.PromptSet>()
  expect(promptSet.safeParse({}).success).toBe(false)
})
