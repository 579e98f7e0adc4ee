import { callKey, type Board, type BoardCall, type Check, type Phase, type ReviewEntry, type Version } from '../../shapes.ts'

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

/** Everything that was said in a run, phase by phase; within a phase in the order in which it was finished, what is open last. */
export function messagesOf(board: Board): Message[] {
  const parts = partsOf(board)
  const byPhase = new Map<string, Message[]>()
  const add = (message: Message) => {
    const key = phaseKey(message)
    const list = byPhase.get(key)
    if (list) list.push(message)
    else byPhase.set(key, [message])
  }
  for (const call of board.calls) add(messageOf(call, parts(call)))
  const checked = board.phases.find((phase) => phase.phase === 'check')
  for (const entry of board.checks) add(checksMessage(entry, checked))
  const planned = new Map(board.phases.map((phase, at) => [phaseKey(phase), at]))
  const place = ([key, [first]]: readonly [string, readonly Message[]]) =>
    planned.get(key) ?? board.phases.length + (first ? first.round * 2 + phaseOrder.indexOf(first.phase) : 0)
  return [...byPhase].sort((a, b) => place(a) - place(b)).flatMap(([, list]) => list.sort(byEnd))
}

function phaseKey({ phase, round }: Pick<Phase, 'phase' | 'round'>): string {
  return `${round}.${phase}`
}

type Part = Version | ReviewEntry | PeerScores | Selection

/** Finds what came of a call. */
function partsOf(board: Board): (call: BoardCall) => Part | undefined {
  const versions = new Map(board.versions.map((version) => [`${version.round}.${version.agent_id}`, version]))
  const critiques = new Map(board.critiques.map((entry) => [`${entry.round}.${entry.critic_id}`, entry]))
  const scores = new Map(board.scores.map((entry) => [entry.scorer_id, entry]))
  return (call) => {
    switch (call.phase) {
      case 'propose':
      case 'revise':
        return versions.get(`${call.round}.${call.agent_id}`)
      case 'critique':
        return critiques.get(`${call.round}.${call.agent_id}`)
      case 'score':
        return scores.get(call.agent_id)
      case 'select':
        return board.selection?.by === 'architect' ? board.selection : undefined
    }
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
