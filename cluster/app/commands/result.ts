import type { DeliberationResult } from '../../messages/deliberation-result.ts'
import type { BoardCall, DeliberationBoard } from '../../messages/deliberation-views.ts'
import type { RunAgent } from '../../messages/deliberation.ts'

/** A run's board in the shape that clients read. */
export function resultOf(board: DeliberationBoard): DeliberationResult {
  const { row, spec, phases } = board
  const results = spec.agents.flatMap((agent) => proposalOf(board, agent)).sort((a, b) => (a.rank ?? 99) - (b.rank ?? 99))
  const failed = spec.agents.flatMap(({ agent_id }) => {
    const call = board.calls.find((call) => call.agent_id === agent_id && call.phase === 'propose' && call.status === 'failed')
    return call ? [{ agent_id, error: call.error ?? '', error_type: call.error_type ?? ('internal' as const) }] : []
  })
  return {
    task_id: row.task_id,
    deliberation_id: row.task_id,
    status: row.status,
    partial: row.partial,
    phase: row.phase,
    round: row.round,
    results,
    winner_id: row.ended_at === null ? null : row.leader_id,
    selection: board.selection,
    measures: board.measures,
    baseline: baselineOf(board),
    failed_agents: failed,
    num_agents: row.num_agents,
    received: results.length,
    failed: failed.length,
    rounds_done: phases.filter(({ phase, state }) => phase === 'revise' && state === 'done').length,
    duration_ms: row.ended_at === null ? null : row.ended_at - row.created_at,
    tokens: { tokens_in: row.tokens_in, tokens_out: row.tokens_out },
    cost_micro_usd: row.cost_micro_usd,
    deadline: row.deadline,
    deadline_risk: row.deadline_risk,
    error_message: row.status === 'COMPLETED' || row.message === '' ? null : row.message,
    rerun_of: row.rerun_of,
    reruns: board.reruns,
    metadata: {
      version: spec.prompts_version,
      timestamp_ms: row.created_at,
      execution_id: row.task_id,
      tags: spec.metadata,
    },
  }
}

function baselineOf({ baseline, spec }: DeliberationBoard): DeliberationResult['baseline'] {
  const [first] = spec.baseline?.agents ?? []
  if (!baseline || !first) return null
  return {
    model: first.model,
    planned: spec.baseline?.agents.length ?? 1,
    failed: baseline.samples.filter(({ call }) => call.status === 'failed').length,
    skipped: baseline.skipped,
    samples: baseline.samples.flatMap(({ sample_id, call, content, content_ref, checks, place }) =>
      content === null
        ? []
        : [
            {
              sample_id,
              content,
              content_ref,
              checks,
              score: place?.score ?? null,
              rank: place?.rank ?? null,
              tokens: { tokens_in: call.tokens_in ?? 0, tokens_out: call.tokens_out ?? 0 },
            },
          ],
    ),
    ...baseline.comparison,
  }
}

/** Nothing for an agent that has not proposed. */
function proposalOf(board: DeliberationBoard, agent: RunAgent): DeliberationResult['results'] {
  const { agent_id } = agent
  const versions = board.versions.filter((version) => version.agent_id === agent_id).sort((a, b) => a.round - b.round)
  const [first] = versions
  const last = versions.at(-1)
  if (!first || !last) return []
  const calls = board.calls.filter((call) => call.agent_id === agent_id)
  const written = versions.flatMap(({ round, by }) =>
    board.calls.filter(
      (call) => call.agent_id === by && call.round === round && call.phase === (round === 0 ? 'propose' : 'revise'),
    ),
  )
  const place = board.ranking.find((ranked) => ranked.agent_id === agent_id)
  return [
    {
      proposal: {
        author_id: agent_id,
        author_role: board.spec.role,
        content: last.content,
        content_ref: last.content_ref,
        created_at_ms: first.at,
        revisions: versions.slice(1).map(({ round, content, content_ref, critic_id, by, answers, at }) => ({
          round,
          by,
          content,
          content_ref,
          critic_id,
          answers,
          at,
        })),
        model: agent.model,
        served_model: written.findLast((call) => call.served_model !== null)?.served_model ?? null,
        temperature: agent.temperature,
        tokens: { tokens_in: sum(calls, 'tokens_in'), tokens_out: sum(calls, 'tokens_out') },
        degraded: written.findLast((call) => call.degraded !== null)?.degraded ?? null,
      },
      checks: board.checks.find((one) => one.agent_id === agent_id)?.checks ?? [],
      score: place?.score ?? null,
      score_components: place ?? null,
      rank: place?.rank ?? null,
    },
  ]
}

function sum(calls: readonly BoardCall[], field: 'tokens_in' | 'tokens_out'): number {
  return calls.reduce((total, call) => total + (call[field] ?? 0), 0)
}
