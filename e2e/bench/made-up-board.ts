import {
  agent,
  board,
  call,
  critique,
  openCall,
  phase,
  problem,
  ranked,
  start,
  version,
} from '../../src-renderer/features/deliberations/board/test-board.ts'
import type { Board, BoardUpdate } from '../../src-renderer/features/deliberations/shapes.ts'

export interface BoardSize {
  readonly agents: number
  readonly rounds: number
}

/** Of a run that the product takes; the steps of a made-up one end there. */
const MOST_ROUNDS = 5

const agentId = (at: number): string => `agent-${String(at + 1).padStart(3, '0')}`

/** Words of an answer such as agents write, the same for the same number. */
function madeUpText(seed: number, paragraphs = 4): string {
  return Array.from({ length: paragraphs }, (_, at) => paragraph(seed + at * 7)).join('\n\n')
}

const sentences = [
  'Only failures where the receiver cannot have acted are tried again: refused connections, `429` and `502` to `504`.',
  'After a timeout the consumer first asks the ledger by `idempotency_key` and sends again only on “unknown”.',
  'Full jitter from a base of 2 s up to 15 min, at most 12 attempts in 26 h; `Retry-After` wins over the schedule.',
  'A breaker per endpoint opens after 20 failures in a minute, so one slow shop does not stop the others.',
  'The key is `sha256(event_id, endpoint)`, stored with the answer for 72 h in the transaction of the attempt row.',
  'The dead letter has an owner, an alert after 10 minutes and a replay command that keeps the order per customer.',
]

function paragraph(seed: number): string {
  const picked = [0, 1, 2].map((at) => sentences[(seed * 5 + at * 3) % sentences.length] ?? '')
  if (seed % 5 === 3) return `\`\`\`yaml\nretry:\n  base: ${2 + (seed % 3)}s\n  cap: 15m\n  jitter: full\n\`\`\``
  return seed % 4 === 1 ? picked.map((text) => `- ${text}`).join('\n') : `**${seed}.** ${picked.join(' ')}`
}

/** A run that has ended, with every message that a run of this size writes. Past the product's limits it is made up for measuring. */
export function finishedBoard({ agents, rounds }: BoardSize): Board {
  const ids = Array.from({ length: agents }, (_, at) => agentId(at))
  const base = board({
    spec: { agents: ids.map((id) => agent(id)), rounds },
    row: {
      status: 'COMPLETED',
      phase: null,
      rounds,
      num_agents: agents,
      ended_at: start + 600_000,
      end_reason: 'ranked',
      leader_id: ids[0] ?? null,
      score: 0.9,
    },
  })
  const step = Math.floor(600_000 / (2 * rounds + 3))
  const timed = (at: number, who: number) => {
    const from = start + at * step
    return {
      opened_at: Math.round(from),
      started_at: Math.round(from + step * 0.05 * (who % 4)),
      first_token_at: Math.round(from + step * (0.1 + 0.05 * (who % 4))),
      ended_at: Math.round(from + step * (0.6 + 0.02 * (who % 15))),
      tokens_out: 180 + ((who * 37 + at * 11) % 300),
    }
  }
  ids.forEach((id, who) => {
    base.calls.push(call(id, 'propose', 0, timed(0, who)))
    base.versions.push(version(id, 0, madeUpText(who), { at: timed(0, who).ended_at }))
  })
  for (let round = 1; round <= rounds; round++) addRound(base, ids, round, (at, who) => timed(2 * round - 2 + at, who))
  base.phases = [
    phase('propose', 0, { state: 'done', expected: agents, received: agents, started_at: start, ended_at: start + step }),
    ...Array.from({ length: Math.min(rounds, MOST_ROUNDS) }, (_, at) => [
      phase('critique', at + 1, { state: 'done', expected: agents, received: agents }),
      phase('revise', at + 1, { state: 'done', expected: agents, received: agents }),
    ]).flat(),
    phase('check', 0, { state: 'done', expected: agents, received: agents }),
  ]
  base.ranking = ids.map((id, at) => ranked(id, at + 1, Math.max(0, 0.9 - at * 0.05)))
  return base
}

function addRound(
  base: Board,
  ids: readonly string[],
  round: number,
  timed: (at: number, who: number) => { ended_at: number } & Partial<Board['calls'][number]>,
): void {
  ids.forEach((id, who) => {
    const target = ids[(who + round) % ids.length] ?? id
    const read = base.versions.find((each) => each.agent_id === target && each.round === round - 1)
    const quote = read?.content.slice(8, 60) ?? ''
    const found = problem('P1', quote, quote === '' ? null : 8, { text: 'A timeout can hide a charge that went through.' })
    base.calls.push(call(id, 'critique', round, timed(1, who)))
    base.critiques.push({
      ...critique(id, target, round, 0.5 + ((who * 7 + round) % 40) / 100, [found]),
      at: timed(1, who).ended_at,
    })
  })
  ids.forEach((id, who) => {
    const failed = (who + round) % 13 === 7
    const more = timed(2, who)
    base.calls.push(
      call(
        id,
        'revise',
        round,
        failed ? { ...more, status: 'failed', error: 'HTTP 503 from the endpoint', error_type: 'server_error' } : more,
      ),
    )
    if (failed) return
    const kept = (who + round) % 11 === 4
    base.versions.push(
      version(id, round, madeUpText(who + round), {
        at: more.ended_at,
        answers: [
          {
            problem_id: 'P1',
            status: kept ? 'kept' : 'answered',
            note: kept ? 'The ledger answers this already.' : 'Asks the ledger first.',
          },
        ],
      }),
    )
  })
}

/** The same run before it has ended: messages still come. */
export function unfinishedBoard(size: BoardSize): Board {
  const { row, ...rest } = finishedBoard(size)
  return {
    ...rest,
    row: { ...row, status: 'IN_PROGRESS', ended_at: null, end_reason: null, leader_id: null, score: null },
    ranking: [],
  }
}

/** One revision more, as the host would tell of it. */
export function appended(held: Board, number: number): { board: Board; update: BoardUpdate } {
  const agents = held.spec.agents
  const author = agents[number % agents.length]?.agent_id ?? agentId(0)
  const round = held.spec.rounds + 1 + Math.floor(number / agents.length)
  const calls = [call(author, 'revise', round)]
  const versions = [version(author, round, madeUpText(number))]
  const { spec: _, ...parts } = held
  const unchanged = { phases: [], critiques: [], scores: [] }
  return {
    board: { ...held, calls: [...held.calls, ...calls], versions: [...held.versions, ...versions] },
    update: { type: 'changes', ...parts, ...unchanged, calls, versions },
  }
}

/** A run in its first phase: every agent writes its proposal. */
export function writingBoard(agents: number): Board {
  const ids = Array.from({ length: agents }, (_, at) => agentId(at))
  const now = Date.now()
  return board({
    spec: { agents: ids.map((id) => agent(id)), rounds: 2 },
    row: { num_agents: agents, rounds: 2, created_at: now, deadline: now + 900_000, expected_end: now + 300_000 },
    phases: [
      phase('propose', 0, { state: 'running', expected: agents, started_at: now }),
      ...[1, 2].flatMap((round) => [
        phase('critique', round, { expected: agents }),
        phase('revise', round, { expected: agents }),
      ]),
      phase('check', 0, { expected: agents }),
      phase('score', 0, { expected: agents }),
    ],
    calls: ids.map((id) => ({ ...openCall(id, 'propose', 0), opened_at: now })),
  })
}
