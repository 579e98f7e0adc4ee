import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createPartStore } from '../read-models/deliberations/parts.ts'
import { deliberationModel } from '../read-models/deliberations/model.ts'
import { openModelStore, tableNames } from '../read-models/engine/model-store.ts'

const DAY_MS = 86_400_000
const words = [
  'retry',
  'policy',
  'payments',
  'webhook',
  'property',
  'tests',
  'proration',
  'ledger',
  'migration',
  'failover',
  'limits',
  'cache',
]
const roles = ['developer', 'architect', 'qa', 'devops', 'data', 'task']
const models = ['SmolLM2 135M', 'Qwen3 4B', 'gpt-oss-20b', 'Llama 3.1 8B', 'Mistral 7B']
const ends = [
  { share: 0.8, status: 'COMPLETED', end_reason: 'ranked' },
  { share: 0.9, status: 'FAILED', end_reason: 'all_failed' },
  { share: 0.95, status: 'TIMEOUT', end_reason: 'deadline' },
  { share: 1, status: 'CANCELLED', end_reason: 'cancelled' },
] as const

/**
 * Rows of ended runs, straight into the tables of the read model of a data directory without a log: what a list reads is what a fold
 * of a million events would leave, in seconds. The runs have no board.
 */
export async function fillRuns(dataDir: string, count: number, now: number): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const file = join(dataDir, 'read-models.db')
  const store = openModelStore(file)
  store.create(deliberationModel, true)
  const parts = createPartStore(store.db, tableNames(deliberationModel))
  const next = dice(7)
  const pick = <T>(from: readonly T[], fallback: T): T => from[Math.floor(next() * from.length)] ?? fallback
  store.db.transaction(() => {
    for (let index = 0; index < count; index++) {
      const end = ends.find(({ share }) => share > next()) ?? ends[0]
      const created_at = now - DAY_MS * 60 * (1 - index / count)
      const took = 60_000 + Math.floor(next() * 900_000)
      const failed = end.status === 'FAILED'
      const task_id = `dlb-${new Date(created_at).toISOString().slice(5, 10).replace('-', '')}-${index.toString(36).padStart(6, '0')}`
      const title = `${Array.from({ length: 5 }, () => pick(words, 'x')).join(' ')} ${index}`
      const role = pick(roles, 'task')
      const used = [...new Set([pick(models, ''), pick(models, '')])]
      parts.insertRun(
        {
          task_id,
          title,
          words: [title, task_id, role].join('\n').toLowerCase(),
          role,
          status: end.status,
          round: 1,
          rounds: 1,
          num_agents: 3 + Math.floor(next() * 4),
          failed_agents: failed ? 3 : 0,
          steps_done: failed ? 1 : 6,
          steps_total: 6,
          leader_id: failed ? null : `agent-00${1 + Math.floor(next() * 3)}`,
          score: failed ? null : Math.round(next() * 1000) / 1000,
          tokens_in: Math.floor(next() * 40_000),
          tokens_out: Math.floor(next() * 20_000),
          cost_micro_usd: Math.floor(next() * 200_000),
          created_at: Math.floor(created_at),
          ended_at: Math.floor(created_at) + took,
          deadline: Math.floor(created_at) + 1_200_000,
          models: JSON.stringify(used),
          end_reason: end.end_reason,
          message: failed ? 'All proposals failed: HTTP 503 from the endpoint, tried three times.' : '',
          outcome: next() < 0.3 ? 'accepted' : null,
          archived: next() < 0.05 ? 1 : 0,
        },
        used,
      )
    }
  })()
  store.close()
  return file
}

/** The same sequence of numbers in [0, 1) for the same seed. */
function dice(seed: number): () => number {
  let state = seed
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}
