import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createMemoryBlobs } from '../../adapters/memory/blobs.ts'
import { createManualClock } from '../../adapters/memory/clock.ts'
import type { Script } from '../../adapters/memory/engines.ts'
import { createMemorySmallState } from '../../adapters/memory/small-state.ts'
import { openSqliteContext } from '../../adapters/sqlite/context.ts'
import { answersOf, byPhase, plainly, startPlane } from '../plane-under-test.ts'
import { createRunBlobs } from './run-blobs.ts'

const LARGE = `# A long answer\n\n${'One more line of it, with an ünusual letter.\n'.repeat(48_000)}The last line.`
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function sqliteStores() {
  const directory = await mkdtemp(join(tmpdir(), 'large-'))
  const writerModule = new URL('../../adapters/sqlite/writer-thread.ts', import.meta.url)
  const context = await openSqliteContext({ file: join(directory, 'context.db'), writerModule })
  closers.push(async () => {
    await context.close()
    await rm(directory, { recursive: true })
  })
  const { log, work, answers, state, blobs } = context
  return { log, work, answers, state, blobs }
}

describe('an answer of 2 MB', () => {
  const prompts: string[] = []
  const writesMuch: Script = (call, tries, signal) => {
    prompts.push(call.messages.map(({ content }) => content).join('\n'))
    return call.format ? plainly(call, tries, signal) : LARGE
  }

  it('goes through a whole deliberation as a reference, and prompts show it cut with a mark', async () => {
    const stores = await sqliteStores()
    const world = await startPlane(writesMuch, stores)
    closers.unshift(() => world.stop())
    const taskId = await world.submit({ num_agents: 2 })
    expect(await world.ended(taskId)).toMatchObject({ status: 'COMPLETED', partial: false })

    const events = await world.events(taskId)
    expect(JSON.stringify(events).length).toBeLessThan(100_000)
    const [proposal] = answersOf(events).filter(byPhase('propose'))
    const given = proposal?.data.contribution
    const ref = given?.kind === 'proposal' ? given.content_ref : undefined
    expect(ref?.size).toBe(Buffer.byteLength(LARGE))

    const shown = prompts.filter((prompt) => prompt.includes('# A long answer'))
    expect(shown.length).toBeGreaterThan(0)
    for (const prompt of shown) expect(prompt).toMatch(/\[… [\d,]+ tokens cut …\]/)

    let read = ''
    for (let offset: number | null = 0; offset !== null;) {
      const page = await world.plane.text(taskId, ref?.sha256 ?? '', offset)
      read += page?.text ?? ''
      offset = page?.next ?? null
    }
    expect(read).toBe(LARGE)
  })

  it('is whole again for the plane that takes the run up after a restart', async () => {
    let isHeld = true
    const held: Script = (call, tries, signal) =>
      isHeld && call.format
        ? new Promise((_, reject) => signal.addEventListener('abort', reject))
        : writesMuch(call, tries, signal)
    const first = await startPlane(held)
    const taskId = await first.submit({ num_agents: 2, limits: { timeout_seconds: 600 } })
    await expect.poll(async () => answersOf(await first.events(taskId)).length).toBe(2)
    await first.stop()
    isHeld = false
    prompts.length = 0
    const second = await startPlane(writesMuch, first.ports)
    expect(await second.ended(taskId)).toMatchObject({ status: 'COMPLETED' })
    expect(prompts.some((prompt) => prompt.includes('tokens cut …]') && prompt.includes('The last line.'))).toBe(true)
  })

  it('goes with its run, and stays while another run has the same text', async () => {
    const world = await startPlane(writesMuch)
    const [one, two] = [await world.submit({ num_agents: 1, rounds: 0 }), await world.submit({ num_agents: 1, rounds: 0 })]
    for (const taskId of [one, two]) await world.ended(taskId)
    await world.plane.expire(one, 'retention')
    // The text, and the prompt of the other run.
    expect(await world.ports.blobs.usage()).toMatchObject({ count: 2 })
    await world.plane.expire(two, 'retention')
    expect(await world.ports.blobs.usage()).toEqual({ count: 0, bytes: 0 })
  })
})

it('What a crash left in the blob store of a run that never came to be is removed by a later start', async () => {
  const clock = createManualClock()
  const stores = { blobs: createMemoryBlobs(), state: createMemorySmallState(), clock }
  await createRunBlobs(stores).put('dlb-never', new TextEncoder().encode('orphan'))
  await (await startPlane(plainly, stores)).stop()
  expect(await stores.blobs.usage()).toMatchObject({ count: 1 })
  clock.advance(2 * 3_600_000)
  const world = await startPlane(plainly, stores)
  await expect.poll(() => world.ports.blobs.usage()).toEqual({ count: 0, bytes: 0 })
})
