import type * as z from 'zod'
import type { BoardUpdate, deliberation, ListUpdate, LiveUpdate } from '../../../src-preload/contract/deliberation.ts'
import type { council } from '../../../src-preload/contract/council.ts'
import type { template } from '../../../src-preload/contract/template.ts'
import type { settings } from '../../../src-preload/contract/settings.ts'

export type { BoardUpdate, ListUpdate, LiveUpdate }
export type Board = Extract<BoardUpdate, { type: 'snapshot' }>['board']
export type BoardChanges = Extract<BoardUpdate, { type: 'changes' }>
export type Row = Board['row']
export type Spec = Board['spec']
export type Agent = Spec['agents'][number]
export type Phase = Board['phases'][number]
export type BoardCall = Board['calls'][number]
export type Baseline = NonNullable<Board['baseline']>
export type Version = Board['versions'][number]
export type ReviewEntry = Board['critiques'][number]
export type Problem = ReviewEntry['critique']['problems'][number]
export type ProblemAnswer = Version['answers'][number]
export type Check = Board['checks'][number]['checks'][number]
/** A call as it was sent. */
export type SentPrompt = z.output<(typeof deliberation)['prompt']['output']>
export type LiveMessage = Extract<LiveUpdate, { type: 'changes' }>['messages'][number]
/** A run as the form sends it. */
export type RunInput = z.input<(typeof deliberation)['submit']['input']>['run']
export type EstimateReply = z.output<(typeof deliberation)['estimate']['output']>
export type Estimate = EstimateReply['estimate']
export type Role = z.output<(typeof settings)['watchRoles']['item']>['roles'][number]
/** A council as it is kept, and as lists show it. */
export type Council = z.input<(typeof council)['create']['input']>['council']
export type CouncilView = z.output<(typeof council)['watch']['item']>['councils'][number]
export type TemplateView = z.output<(typeof template)['watch']['item']>['templates'][number]
/** What a template launches, as the form sends it. */
export type TemplateRunInput = z.input<(typeof template)['create']['input']>['template']['run']
export type Criterion = Role['rubric'][number]

/** The natural key of a call inside its run. */
export function callPlace(call: { round: number; phase: string; agent_id: string }): string {
  return `${call.round}.${call.phase}.${call.agent_id}`
}

/** The key of the attempt that counts: live messages carry it with the run's id in front. */
export function callKey(call: { round: number; phase: string; agent_id: string; attempt?: number | undefined }): string {
  const { attempt = 1 } = call
  return attempt > 1 ? `${callPlace(call)}.${attempt}` : callPlace(call)
}

/** The same key read out of a live message's id. */
export function liveKey(taskId: string, id: string): string {
  return id.startsWith(`${taskId}.`) ? id.slice(taskId.length + 1) : id
}
