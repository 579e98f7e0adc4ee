import { expect, it } from 'vitest'
import { createMemoryBlobs } from '../../adapters/memory/blobs.ts'
import { createMemoryEventLog } from '../../adapters/memory/event-log.ts'
import { createMemorySmallState } from '../../adapters/memory/small-state.ts'
import { systemClock } from '../../adapters/system/clock.ts'
import { play, sampleSpec } from '../../domain/deliberation/sample-runs.ts'
import { deliberationSubject } from '../../messages/deliberation-events.ts'
import { MAX_CORRECTION_BYTES } from '../../messages/outcome.ts'
import { createLargeTexts } from '../texts/large-texts.ts'
import { createRunBlobs } from '../texts/run-blobs.ts'
import { archive, dismiss, recordOutcome } from './after-end.ts'
import { createRuns, type Runs } from './runs.ts'

/** A log with one ended run; `again` reads it as another process would. */
async function world(): Promise<{ runs: Runs; again: () => Runs; types: () => Promise<string[]> }> {
  const log = createMemoryEventLog()
  let ids = 0
  const stores = { blobs: createMemoryBlobs(), state: createMemorySmallState(), clock: systemClock }
  const texts = createLargeTexts(stores.blobs, createRunBlobs(stores))
  const again = (): Runs => createRuns({ log, clock: systemClock, newId: () => `id-${ids++}`, texts })
  const runs = again()
  await runs.create('dlb-1', 'spec', play(sampleSpec()).events)
  const types = async () =>
    (await log.readSubject(deliberationSubject('dlb-1'))).flatMap((entry) => entry.events.map((event) => event.type))
  return { runs, again, types }
}

it('what is said of a run is an event on its subject and is there for every reader', async () => {
  const { runs, again, types } = await world()
  const before = (await types()).length
  await recordOutcome(runs, 'dlb-1', 'ann', { verdict: 'rejected', reason: 'Too long.' })
  await recordOutcome(runs, 'dlb-1', 'ann', { verdict: 'rejected', reason: 'Too long.' })
  await archive(runs, 'dlb-1', 'ann', true)
  await dismiss(runs, 'dlb-1', 'ann')
  const after = (await types()).slice(before)
  expect(after).toEqual(['deliberation.outcome_recorded', 'deliberation.archived', 'deliberation.dismissed'])
  const loaded = await again().load('dlb-1')
  expect(loaded.kind === 'run' && { ...loaded.state.outcomes[0], archived: loaded.state.isArchived }).toMatchObject({
    verdict: 'rejected',
    by: 'ann',
    archived: true,
  })
})

it('a correction that is too long is refused with its size, and nothing is kept', async () => {
  const { runs, types } = await world()
  const before = (await types()).length
  const correction = '€'.repeat(MAX_CORRECTION_BYTES / 3 + 1)
  const answer = await recordOutcome(runs, 'dlb-1', 'ann', { verdict: 'corrected', correction })
  expect(answer).toMatchObject({ kind: 'refused', code: 'invalid-input', field: 'outcome.correction' })
  expect((await types()).length).toBe(before)
})

it('an id never seen is told apart from a run that cannot have an outcome', async () => {
  const { runs } = await world()
  await runs.create('dlb-2', 'spec', play(sampleSpec({ task_id: 'dlb-2' }), { answer: () => undefined }).events)
  const codes = await Promise.all(
    ['dlb-2', 'dlb-9'].map(async (id) => await recordOutcome(runs, id, 'ann', { verdict: 'accepted' })),
  )
  expect(codes).toMatchObject([{ code: 'conflict' }, { code: 'not-found' }])
})
