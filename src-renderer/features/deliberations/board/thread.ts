import type { Board, ReviewEntry, Version } from '../shapes.ts'
import { hunksOf } from './lineage.ts'
import { placeQuotes } from './quotes.ts'
import { critiquesOf, problemStates, revisionMayCome, versionsOf, type ProblemState } from './reviews.ts'
import { diffTexts, type DiffHunk } from './revision-diff.ts'

/** A changed place with its number among those of its revision, from 1. */
export interface NumberedHunk extends DiffHunk {
  readonly number: number
}

/** One problem, and what the next version changed of what it quotes. */
export interface ThreadPoint {
  readonly state: ProblemState
  readonly hunks: readonly NumberedHunk[]
  /** Its author left it open or said nothing of it. */
  readonly isUnanswered: boolean
}

/** A text, or what was criticised in the one before and what became of that. Oldest first. */
export type ThreadStep =
  | { readonly kind: 'version'; readonly version: Version }
  | {
      readonly kind: 'critique'
      readonly entry: ReviewEntry
      readonly points: readonly ThreadPoint[]
      /** Changes of the next version that touch nothing that was quoted. */
      readonly otherHunks: readonly NumberedHunk[]
      /** `lost`: the round gave no new version. `rewritten`: next to nothing is left of the one before. */
      readonly change: 'revised' | 'unchanged' | 'rewritten' | 'awaited' | 'lost'
    }

/** All versions of an agent's text over all rounds, with the criticism that led from each to the next. */
export function threadOf(board: Board, agentId: string): readonly ThreadStep[] {
  const versions = versionsOf(board, agentId)
  const critiques = critiquesOf(board, agentId).map((entry) => critiqueStep(board, entry, versions))
  const steps: ThreadStep[] = [...versions.map((version): ThreadStep => ({ kind: 'version', version })), ...critiques]
  return steps.sort((a, b) => roundOf(a) - roundOf(b) || (a.kind === b.kind ? 0 : a.kind === 'critique' ? -1 : 1))
}

/** Problems that no version answered, with their round. */
export function unansweredOf(steps: readonly ThreadStep[]): readonly { readonly round: number; readonly id: string }[] {
  return steps.flatMap((step) =>
    step.kind === 'critique'
      ? step.points.filter((point) => point.isUnanswered).map(({ state }) => ({ round: step.entry.round, id: state.problem.id }))
      : [],
  )
}

function roundOf(step: ThreadStep): number {
  return step.kind === 'version' ? step.version.round : step.entry.round
}

function critiqueStep(board: Board, entry: ReviewEntry, versions: readonly Version[]): ThreadStep {
  const read = versions.find((version) => version.round === entry.version)
  const revision = versions.find((version) => version.round === entry.round)
  const mayCome = revisionMayCome(board, entry.target_id, entry.round)
  const diff = read && revision ? diffTexts(read.content, revision.content) : null
  const quotes = read ? placeQuotes(read.content, entry.critique.problems, revision?.answers ?? [], true) : []
  const hunks = (diff?.hunks ?? []).map((hunk, at): NumberedHunk => ({ ...hunk, number: at + 1 }))
  const points = problemStates(entry, revision, mayCome).map((state): ThreadPoint => {
    const own = hunksOf(state.problem.id, diff, quotes)
    return {
      state,
      hunks: hunks.filter((hunk) => own.includes(hunk.number)),
      isUnanswered: state.status === 'open' || state.status === 'not stated',
    }
  })
  const touched = new Set(points.flatMap((point) => point.hunks.map((hunk) => hunk.number)))
  return {
    kind: 'critique',
    entry,
    points,
    otherHunks: hunks.filter((hunk) => !touched.has(hunk.number)),
    change: !revision ? (mayCome ? 'awaited' : 'lost') : !diff ? 'rewritten' : hunks.length === 0 ? 'unchanged' : 'revised',
  }
}
