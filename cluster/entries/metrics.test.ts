import { expect, it } from 'vitest'
import { openPlaneUnderTest } from './plane-under-test.ts'

/** Samples by name and labels, histogram buckets left out. */
function samplesOf(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#') && !line.includes('_bucket{'))
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
}

it('tell after a run what the run did, each figure as it was measured', async () => {
  const plane = await openPlaneUnderTest()
  const signal = new AbortController().signal
  const ask = (name: string, input: unknown) =>
    plane.dispatch(name, input, { commandId: crypto.randomUUID(), actor: 'spec', signal })
  try {
    await ask('council.create', { council_id: 'pair', role: 'DEV', num_agents: 2 })
    const reply = await ask('deliberation.submit', {
      task: 'Design a retry policy.',
      council_id: 'pair',
      mode: 'wait',
      wait_timeout_ms: 20_000,
    })
    const { task_id, status } = ('ok' in reply ? reply.ok : {}) as { task_id: string; status: string }
    expect(status).toBe('COMPLETED')
    await plane.answers.publish('the-same-again', {
      kind: 'failed',
      task_id,
      round: 0,
      phase: 'propose',
      agent_id: 'agent-developer-001',
      role: 'developer',
      num_agents: 2,
      metrics: { tokens_in: 1, tokens_out: 1, queued_at: 1, started_at: 2, first_token_at: null, ended_at: 3, attempts: 1 },
      error: 'came twice',
      error_type: 'internal',
      content: null,
    })
    const read = async () => samplesOf((await plane.metrics()).text)
    await expect.poll(read).toMatchObject({ signalbox_collector_duplicates_total: 1 })

    const found = plane.queries().board(task_id, 0)
    const { row, calls } = (found.kind === 'board' ? found.board : undefined)!
    const samples = await read()
    expect(samples).toMatchObject({
      'signalbox_deliberations_total{role="developer",status="COMPLETED"}': 1,
      'signalbox_agent_responses_total{role="developer",model="script",status="completed"}': 8,
      'signalbox_agent_call_seconds_count{model="script"}': 8,
      'signalbox_agent_tokens_total{model="script",direction="in"}': row.tokens_in,
      'signalbox_agent_tokens_total{model="script",direction="out"}': row.tokens_out,
      'signalbox_phase_duration_seconds_count{phase="propose"}': 1,
      'signalbox_phase_duration_seconds_count{phase="critique"}': 1,
      'signalbox_phase_duration_seconds_count{phase="revise"}': 1,
      'signalbox_phase_duration_seconds_count{phase="check"}': 1,
      'signalbox_phase_duration_seconds_count{phase="score"}': 1,
      'signalbox_deliberation_duration_seconds_count{role="developer"}': 1,
      signalbox_deliberations_active: 0,
      signalbox_collector_pending: 0,
      'signalbox_council_agents{role="developer",status="ready"}': 2,
      'signalbox_council_agents{role="developer",status="busy"}': 0,
    })
    const close = (name: string, expected: number) => expect(samples[name]).toBeCloseTo(expected, 6)
    close('signalbox_deliberation_duration_seconds_sum{role="developer"}', ((row.ended_at ?? 0) - row.created_at) / 1000)
    close(
      'signalbox_agent_call_seconds_sum{model="script"}',
      calls.reduce((sum, call) => sum + (call.ended_at ?? 0) - (call.started_at ?? 0), 0) / 1000,
    )
    const checked = Object.entries(samples).filter(([name]) => name.startsWith('signalbox_check_results_total'))
    expect(checked.reduce((sum, [, count]) => sum + count, 0)).toBe(6)
  } finally {
    await plane.stop()
  }
})

it('show what is in motion while it is', async () => {
  const plane = await openPlaneUnderTest(
    (_call, _tries, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  )
  const signal = new AbortController().signal
  try {
    await plane.dispatch(
      'council.create',
      { council_id: 'pair', role: 'DEV', num_agents: 2 },
      { commandId: 'create-1', actor: 'spec', signal },
    )
    await plane.dispatch(
      'deliberation.submit',
      { task: 'Wait.', council_id: 'pair' },
      { commandId: 'submit-1', actor: 'spec', signal },
    )
    await plane.caughtUp()
    expect(samplesOf((await plane.metrics()).text)).toMatchObject({
      signalbox_deliberations_active: 1,
      signalbox_collector_pending: 2,
      'signalbox_council_agents{role="developer",status="ready"}': 0,
      'signalbox_council_agents{role="developer",status="busy"}': 2,
      'signalbox_council_agents{role="developer",status="offline"}': 0,
    })
    const figures = await plane.dispatch('deliberation.metrics', {}, { commandId: 'metrics-1', actor: 'spec', signal })
    expect(figures).toMatchObject({
      ok: {
        agents: { total: 2, ready: 0, busy: 2, offline: 0 },
        councils: [{ council_id: 'pair', status: 'busy', available: 0, busy: 2, success_rate: null }],
      },
    })
  } finally {
    await plane.stop()
  }
})
