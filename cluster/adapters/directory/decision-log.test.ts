import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createDecisionLog } from './decision-log.ts'

const decision = (at: number) => ({
  at,
  caller: 'owner',
  endpoint: '/v1/chat/completions',
  model: 'm',
  engine: 'e',
  status: 200,
  stream: false,
  tokens_in: 1,
  tokens_out: 2,
  latency_ms: 3,
})

it('Decisions are written later, in a file of bounded size; more than can wait are counted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-decisions-'))
  const file = join(folder, 'decisions.jsonl')
  const log = createDecisionLog({ file, onFault: (fault) => expect.fail(String(fault)), flushMs: 60_000, maxBytes: 1000 })
  for (let at = 0; at < 20_010; at++) log.add(decision(at))
  expect(log.recent(2)).toEqual([decision(20_009), decision(20_008)])
  await log.stop()
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
  expect(lines).toHaveLength(20_001)
  expect(JSON.parse(lines[0]!)).toEqual(decision(0))
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ left_out: 10 })
  log.add(decision(1))
  await log.stop()
  expect((await readFile(`${file}.1`, 'utf8')).length).toBeGreaterThan(1000)
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(decision(1))
  await rm(folder, { recursive: true })
})
