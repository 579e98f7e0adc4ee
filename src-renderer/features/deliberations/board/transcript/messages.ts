import {
  callKey,
  type Board,
  type BoardCall,
  type Check,
  type Phase,
  type ReviewEntry,
  type Spec,
  type Version,
} from '../../shapes.ts'
import { newsOf } from '../board-state.ts'

type PeerScores = Board['scores'][number]
type Selection = NonNullable<Board['selection']>

/** What a message holds. `lost`: the call ended well and left nothing that could be used. `late`: its phase closed without it. */
export type MessageBody =
  | { readonly kind: 'text'; readonly version: Version }
  | { readonly kind: 'critique'; readonly entry: ReviewEntry }
  | { readonly kind: 'scores'; readonly entry: PeerScores }
  | { readonly kind: 'checks'; readonly checks: readonly Check[] }
  | { readonly kind: 'selection'; readonly selection: Selection }
  | { readonly kind: 'open' | 'failed' | 'lost' | 'late' }

/** One thing that was said in a run, or is being said. */
export interface Message {
  readonly key: string
  readonly phase: Phase['phase']
  readonly round: number
  readonly agentId: string
  /** When it was finished; null while it is not. */
  readonly at: number | null
  /** Null for checks, which no model is asked for. */
  readonly call: BoardCall | null
  readonly body: MessageBody
}

/**
 * Everything that was said in a run, phase by phase; within a phase in the order in which it was finished, what is open last. Of one board
 * after the other of a run, only the phases in which something changed are made anew.
 */
export function messagesOf(board: Board): Message[] {
  const planned = new Map(board.phases.map((phase, at) => [phaseKey(phase), at]))
  const place = (key: string, { phase, round }: Message) =>
    planned.get(key) ?? board.phases.length + round * 2 + phaseOrder.indexOf(phase)
  const said = [...talkOf(board)].map(([key, talk]) => [key, messagesIn(talk, board)] as const)
  const placed = [...said, checksOf(board)].flatMap(([key, messages]) =>
    messages[0] ? [{ at: place(key, messages[0]), messages }] : [],
  )
  placed.sort((a, b) => a.at - b.at)
  return new Array<Message>().concat(...placed.map(({ messages }) => messages))
}

function phaseKey({ phase, round }: Pick<Phase, 'phase' | 'round'>): string {
  return `${round}.${phase}`
}

/** What was said in one phase, by agent. `messages`: null where something is newer than they. */
interface PhaseTalk {
  readonly phase: Phase['phase']
  readonly calls: Map<string, BoardCall>
  readonly parts: Map<string, Part>
  messages: Message[] | null
}

/** By the run's spec, which stays the same object from one board of the run to the next. */
const talks = new WeakMap<Spec, { readonly upTo: Board; readonly phases: Map<string, PhaseTalk> }>()

/** The phases of a run, with what is new in this board taken in. */
function talkOf(board: Board): ReadonlyMap<string, PhaseTalk> {
  const held = talks.get(board.spec)
  // Nothing is ever taken out: an earlier board begins anew.
  const { upTo, phases } = held && isLater(board, held.upTo) ? held : { upTo: undefined, phases: new Map<string, PhaseTalk>() }
  const changed = (phase: Phase['phase'], round: number): PhaseTalk => {
    const key = phaseKey({ phase, round })
    const talk = phases.get(key) ?? { phase, calls: new Map(), parts: new Map(), messages: null }
    talk.messages = null
    phases.set(key, talk)
    return talk
  }
  for (const call of newsOf(upTo?.calls, board.calls)) changed(call.phase, call.round).calls.set(call.agent_id, call)
  for (const version of newsOf(upTo?.versions, board.versions))
    changed(version.round === 0 ? 'propose' : 'revise', version.round).parts.set(version.by, version)
  for (const entry of newsOf(upTo?.critiques, board.critiques)) changed('critique', entry.round).parts.set(entry.critic_id, entry)
  talks.set(board.spec, { upTo: board, phases })
  return phases
}

function isLater(board: Board, than: Board): boolean {
  return (['calls', 'versions', 'critiques'] as const).every((list) => board[list].length >= than[list].length)
}

type Part = Version | ReviewEntry | PeerScores | Selection

function messagesIn(talk: PhaseTalk, board: Board): Message[] {
  // What comes of their calls does not say its round, so it is looked for each time: there is one such phase of each.
  if (talk.phase === 'score' || talk.phase === 'select') talk.messages = null
  return (talk.messages ??= [...talk.calls.values()].map((call) => messageOf(call, partOf(board, talk, call))).sort(byEnd))
}

/** What came of a call. */
function partOf(board: Board, talk: PhaseTalk, call: BoardCall): Part | undefined {
  switch (call.phase) {
    case 'propose':
    case 'revise':
    case 'critique':
      return talk.parts.get(call.agent_id)
    case 'score':
      return board.scores.find((entry) => entry.scorer_id === call.agent_id)
    case 'select':
      return board.selection?.by === 'architect' ? board.selection : undefined
  }
}

const known = new WeakMap<BoardCall, { readonly part: Part | undefined; readonly message: Message }>()

/** The same message for the same call and part, so that what did not change is not drawn again. */
function messageOf(call: BoardCall, part: Part | undefined): Message {
  const held = known.get(call)
  if (held && held.part === part) return held.message
  const { phase, round, agent_id: agentId, ended_at: at } = call
  const message: Message = { key: callKey(call), phase, round, agentId, at, call, body: bodyOf(call, part) }
  known.set(call, { part, message })
  return message
}

function bodyOf(call: BoardCall, part: Part | undefined): MessageBody {
  if (call.status !== 'done') return { kind: call.status }
  if (part === undefined) return { kind: 'lost' }
  if ('content' in part) return { kind: 'text', version: part }
  if ('critique' in part) return { kind: 'critique', entry: part }
  if ('scores' in part) return { kind: 'scores', entry: part }
  return { kind: 'selection', selection: part }
}

function checksOf(board: Board): readonly [string, Message[]] {
  const checked = board.phases.find((phase) => phase.phase === 'check')
  return [phaseKey({ phase: 'check', round: checked?.round ?? 0 }), board.checks.map((entry) => checksMessage(entry, checked))]
}

const knownChecks = new WeakMap<Board['checks'][number], Message>()

function checksMessage(entry: Board['checks'][number], phase: Phase | undefined): Message {
  const held = knownChecks.get(entry)
  if (held) return held
  const round = phase?.round ?? 0
  const message: Message = {
    key: `${round}.check.${entry.agent_id}`,
    phase: 'check',
    round,
    agentId: entry.agent_id,
    at: phase?.ended_at ?? null,
    call: null,
    body: { kind: 'checks', checks: entry.checks },
  }
  knownChecks.set(entry, message)
  return message
}

function byEnd(a: Message, b: Message): number {
  const end = (message: Message) => message.at ?? Number.MAX_SAFE_INTEGER
  return end(a) - end(b) || (a.call?.opened_at ?? 0) - (b.call?.opened_at ?? 0)
}

/** For phases that are in no plan. */
const phaseOrder: readonly Phase['phase'][] = ['propose', 'critique', 'revise', 'check', 'score', 'select']
