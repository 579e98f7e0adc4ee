import { expect, test } from 'vitest'
import { submitBatch } from '../../../messages/batch.ts'
import type { BatchDetail, BatchLive } from '../../../messages/batch-views.ts'
import { createScriptedUpstreams, chatReply } from '../../memory/upstreams.ts'
import { createBatchesUnderTest } from './batches-under-test.ts'
import { createBatch, toBatchObject } from './shapes.ts'

async function detailOf(): Promise<BatchDetail> {
  const plane = createBatchesUnderTest(createScriptedUpstreams(() => chatReply('yes')))
  const { batches, views } = plane
  plane.hold(true)
  const file = await batches.files.create({ filename: 'a.jsonl', tenant: 'local', content: lines('{"custom_id":"a","body":{}}') })
  if ('kind' in file) throw new Error(file.message)
  const input = submitBatch.parse({ input_file_id: file.id, endpoint: '/v1/chat/completions' })
  const result = await batches.submit('command-1', 'spec', 'local', input)
  const detail = result.kind === 'accepted' ? views.queries().detail(result.batchId) : undefined
  await batches.cancel(result.kind === 'accepted' ? result.batchId : '', 'spec')
  plane.hold(false)
  if (!detail) throw new Error('It was not submitted.')
  return detail
}
// eslint-disable-next-line @typescript-eslint/require-await -- one piece as if it had streamed
async function* lines(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text)
}
const live = ({ row }: BatchDetail, overflow: BatchLive['overflow']): BatchLive => ({
  batch_id: row.batch_id,
  at: 0,
  counts: row.counts,
  running: 0,
  concurrency: { limit: 1, why: '' },
  priority: 5,
  rates: null,
  tokens_left: null,
  eta: null,
  risk: null,
  sla: { state: 'on_track', since: 0, why: '' },
  queue: null,
  hold: null,
  overflow,
})

test.each<[string, BatchLive['overflow'], unknown]>([
  ['nothing without fallbacks', undefined, null],
  ['nothing while it keeps to its own model', { from: 0, to: null, why: null }, null],
  [
    'the fallback and why',
    { from: 0, to: { engine_id: 'other', model: 'large' }, why: 'it is down' },
    { model: 'other/large', why: 'it is down' },
  ],
  ['why none takes over', { from: 0, to: null, why: 'all are down' }, { model: null, why: 'all are down' }],
])('a batch over HTTP tells of its overflow %s', async (_name, overflow, expected) => {
  const detail = await detailOf()
  expect(toBatchObject(detail, live(detail, overflow)).signalbox.overflow).toEqual(expected)
})

test('a batch over HTTP tells in the end how many rows each model answered', async () => {
  const detail = await detailOf()
  expect(toBatchObject(detail, undefined).signalbox.served_by).toBeNull()
  expect(toBatchObject({ ...detail, served_by: { 'other/large': 3 } }, undefined).signalbox.served_by).toEqual({
    'other/large': 3,
  })
})

test.each([
  ['takes fallbacks at a submit', [{ engine_id: 'other', model: 'large', escalation_only: true }], true],
  ['takes no more than four', Array(5).fill({ engine_id: 'other', model: 'large' }), false],
  ['takes no other words for them', [{ engine_id: 'other', model: 'large', paid: true }], false],
])('the API %s', (_name, fallbacks, isTaken) => {
  const body = { input_file_id: 'file-1', endpoint: '/v1/chat/completions', settings: { fallbacks } }
  expect(createBatch.safeParse(body).success).toBe(isTaken)
})
