import { expect, test } from 'vitest'
import type { BatchEstimate, FileReport } from '../../../../src-preload/contract/batch.ts'
import { fileReport, storedFile } from '../../../lib/sample-batches.ts'
import { batchOf, emptyForm, type FileState } from './new-batch-state.ts'
import { submitVerdict } from './submit-verdict.ts'

const read = (more: Partial<FileReport> = {}): FileState => ({ kind: 'read', file: storedFile, report: fileReport(more) })
const estimate = (verdict: BatchEstimate['admission']['verdict']): BatchEstimate => ({
  requests: 3,
  tokens_in: 3,
  tokens_out: [10, 20],
  cost_micro_usd: [0, 0],
  duration_ms: [1000, 2000],
  wait_ms: 0,
  basis: '',
  admission: {
    verdict,
    pending_tokens: 0,
    new_tokens: 10,
    capacity_tokens: 20,
    earliest_window_hours: 30,
    message: 'It needs 30 h.',
  },
})

test.each([
  ['no file', { kind: 'none' } as const, null, null, emptyForm, 'off', true],
  ['sound and fitting', read(), estimate('accept'), null, emptyForm, 'good', false],
  ['sound, tight', read(), estimate('accept_at_risk'), null, emptyForm, 'warn', false],
  ['too much', read(), estimate('reject'), null, emptyForm, 'bad', true],
  ['too much, taken all the same', read(), estimate('reject'), null, { ...emptyForm, force: true }, 'warn', false],
  ['still estimating', read(), null, null, emptyForm, 'wait', true],
  ['the host refuses', read(), null, 'Two engines serve m.', emptyForm, 'bad', true],
  [
    'with errors',
    read({ error_count: 2, errors: [{ line: 2, column: 1, code: 'invalid_json', param: null, message: 'no JSON' }] }),
    null,
    null,
    emptyForm,
    'bad',
    true,
  ],
] as const)('%s', (_, state, estimated, fault, form, shape, isBlocked) => {
  const verdict = submitVerdict(state, estimated, fault, form, 0)
  expect([verdict.shape, verdict.blocked !== null]).toEqual([shape, isBlocked])
})

test('only what was set is sent', () => {
  expect(batchOf({ ...emptyForm, costDollars: 1.5, errorPercent: 5 }, read())).toEqual({
    input_file_id: 'file-1',
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
    name: 'jobs',
    settings: {
      priority_offset: 0,
      adaptive_concurrency: true,
      max_retries: 3,
      on_deadline: 'expire',
      force: false,
      cost_ceiling_micro_usd: 1_500_000,
      error_ceiling: 0.05,
    },
  })
  expect(batchOf(emptyForm, read({ error_count: 1 }))).toBeNull()
})
