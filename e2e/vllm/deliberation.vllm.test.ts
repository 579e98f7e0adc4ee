import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DeliberationBoard } from '../../cluster/messages/deliberation-views.ts'
import { connectTo } from '../servers/client.ts'
import { startHost } from '../servers/host.ts'
import { startVllm, type VllmServer } from '../servers/vllm/server.ts'

/** It starts in 40 s on a quiet machine and was seen to take six minutes on one with much else to do. */
const START_MS = 1_000_000
const RUN_MS = 1_200_000
/** Two: every call more is half a minute on two cores. */
const AGENTS = ['agent-001', 'agent-002']

const undo: (() => Promise<unknown>)[] = []
let server: VllmServer
let host: Awaited<ReturnType<typeof connectTo>>['host']
let engine_id: string

beforeAll(async () => {
  server = await startVllm()
  undo.push(() => server.stop())
  const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-vllm-'))
  undo.push(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }))
  const running = await startHost(dataDir)
  undo.push(() => running.stop())
  const client = await connectTo(running)
  undo.push(async () => {
    await Promise.resolve()
    client.close()
  })
  host = client.host
  engine_id = (await host.model.saveEndpoint({ name: 'vLLM', base_url: server.baseUrl, parallel: 2 })).engine_id
}, START_MS)

afterAll(async () => {
  for (const step of undo.splice(0).reverse()) await step()
}, 120_000)

/** A short rubric and, as a rule, short texts: a CPU that others use too writes a few tokens a second. */
async function submit(
  command_id: string,
  max_tokens: number,
  timeout_seconds = RUN_MS / 1000 - 60,
): Promise<() => Promise<DeliberationBoard>> {
  const { task_id } = await host.deliberation.submit({
    command_id,
    run: {
      task: 'Name one way to make HTTP retries safe.',
      role: 'DEV',
      num_agents: AGENTS.length,
      model: { engine_id, model: server.model },
      rounds: 1,
      seed: 7,
      max_tokens,
      constraints: { rubric: { Correctness: { weight: 1 } } },
      limits: { timeout_seconds, call_timeout_seconds: 600 },
    },
  })
  return () => host.deliberation.get({ task_id })
}

async function ended(read: () => Promise<DeliberationBoard>): Promise<DeliberationBoard> {
  await expect.poll(async () => (await read()).row.ended_at, { timeout: RUN_MS, interval: 250 }).not.toBeNull()
  return await read()
}

it(
  'two agents deliberate on a vLLM server: it holds their critiques and scores to the schemas and shows the probabilities behind the scores',
  async () => {
    const board = await ended(await submit('vllm-deliberation', 48))
    expect(board.calls.map(({ phase, error }) => ({ phase, error })).filter(({ error }) => error !== null)).toEqual([])
    expect(board.row).toMatchObject({ status: 'COMPLETED', end_reason: 'ranked', partial: false, failed_agents: 0 })
    const count = (phase: string) => board.calls.filter((call) => call.phase === phase && call.status === 'done').length
    expect(['propose', 'critique', 'revise', 'score'].map(count)).toEqual([2, 2, 2, 2])
    expect(new Set(board.calls.map(({ served_model, degraded }) => `${served_model}, ${degraded}`))).toEqual(
      new Set([`${server.model}, null`]),
    )
    expect(board.calls.every(({ tokens_in, tokens_out }) => (tokens_in ?? 0) > 0 && (tokens_out ?? 0) > 0)).toBe(true)

    expect(board.critiques.map(({ critique }) => critique.criteria.map(({ name }) => name))).toEqual(
      AGENTS.map(() => ['Correctness']),
    )
    expect(
      board.versions
        .filter(({ round }) => round === 1)
        .map(({ agent_id }) => agent_id)
        .sort(),
    ).toEqual(AGENTS)
    expect(board.ranking.map(({ agent_id }) => agent_id).sort()).toEqual(AGENTS)
    expect(board.ranking.map(({ score_source, scorers }) => ({ score_source, scorers }))).toEqual(
      AGENTS.map(() => ({ score_source: 'expected', scorers: 1 })),
    )
    const scores = board.scores.flatMap((each) => each.scores).flatMap(({ criteria }) => criteria)
    expect(scores).toHaveLength(2)
    for (const { stated, expected } of scores) {
      expect(Number.isInteger(stated)).toBe(true)
      expect(expected).toBeGreaterThanOrEqual(0)
      expect(expected).toBeLessThanOrEqual(10)
    }
  },
  RUN_MS,
)

it(
  'a server that goes away makes the agents fail with what the connection said',
  async () => {
    // Its calls wait for the server to come back for as long as the run may take.
    const read = await submit('vllm-that-goes-away', 1024, 45)
    // At once: a short answer would else be there before.
    await server.kill()
    const board = await ended(read)
    expect(board.row).toMatchObject({ status: 'FAILED', end_reason: 'all_failed', failed_agents: 2 })
    expect(board.calls.map(({ phase, status }) => `${phase} ${status}`)).toEqual(AGENTS.map(() => 'propose failed'))
    for (const { error } of board.calls) expect(error).toMatch(/vLLM: (cannot be reached|the connection broke) \(/)
  },
  RUN_MS,
)
