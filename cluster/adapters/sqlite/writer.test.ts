import { describe, expect, it } from 'vitest'
import { UnavailableError } from '../../ports/errors.ts'
import { startWriter } from './writer.ts'
import type { ContextSteps, WriterData } from './writer-protocol.ts'

const data: WriterData = {
  store: 'context',
  file: 'context.db',
  busyTimeoutMs: 1,
  databaseBytes: null,
  queueBounds: {},
  startedAt: 0,
}
const thread = (code: string) => new URL(`data:text/javascript,${encodeURIComponent(code)}`)
const opens = `import { parentPort } from 'node:worker_threads'; parentPort.postMessage({ kind: 'opened' });`

describe('the writer', () => {
  it.each([
    ['is not there', new URL('file:///nowhere/writer-thread.js'), /did not start: Cannot find module/],
    ['throws', thread(`throw new Error('no such binding')`), /did not start: no such binding/],
    ['ends', thread('process.exit(3)'), /did not start: it ended with code 3/],
  ])('says why it cannot start when its thread %s', async (_, module, reason) => {
    await expect(startWriter<ContextSteps>(module, data, { pendingWrites: 10 })).rejects.toThrow(reason)
  })

  it.each([
    ['breaks', `parentPort.on('message', () => { throw new Error('out of memory') })`, /broke \(out of memory\)/],
    ['ends', `parentPort.on('message', () => process.exit(1))`, /ended/],
  ])('rejects what a thread had in hand that %s, and gives up after so many starts in a row', async (_, code, reason) => {
    const restarts = { limit: 1, firstDelayMs: 1, healthyMs: 60_000 }
    const writer = await startWriter<ContextSteps>(thread(opens + code), data, { pendingWrites: 10, restarts })
    const inHand = [writer.call('remove', { key: 'a' }), writer.call('remove', { key: 'b' })]
    for (const result of await Promise.allSettled(inHand)) {
      expect(String(result.status === 'rejected' && result.reason)).toMatch(reason)
      expect(String(result.status === 'rejected' && result.reason)).toMatch(/may or may not be stored.*try again/)
    }
    expect(writer.state().kind).toBe('restarting')
    // It waits for the next thread, which ends as well.
    await expect(writer.call('remove', { key: 'c' })).rejects.toBeInstanceOf(UnavailableError)
    await expect.poll(() => writer.state().kind, { timeout: 20_000 }).toBe('failed')
    await expect(writer.call('remove', { key: 'd' })).rejects.toThrow(/after 1 starts in a row.*restart Signalbox/)
    await writer.close()
  })

  it('does with the next thread what waited while there was none', async () => {
    const ends = `process.exit(1)`
    const answers = `parentPort.on('message', ({ kind, requests }) => kind === 'close' ? process.exit(0)
      : parentPort.postMessage({ kind: 'batch', outputs: requests.map(() => true), failures: new Map() }))`
    const code = `import { workerData } from 'node:worker_threads'; if (!workerData.isRestart) setTimeout(() => ${ends}, 20); ${answers}`
    let restarted = 0
    const writer = await startWriter<ContextSteps>(thread(opens + code), data, {
      pendingWrites: 10,
      restarts: { limit: 3, firstDelayMs: 20, healthyMs: 60_000 },
      onRestarted: () => (restarted += 1),
    })
    await expect.poll(() => writer.state().kind, { timeout: 20_000 }).toBe('restarting')
    expect(await writer.call('remove', { key: 'a' })).toBe(true)
    expect([restarted, writer.state().kind]).toEqual([1, 'running'])
    await writer.close()
  })

  it('can be closed while no thread writes', async () => {
    const writer = await startWriter<ContextSteps>(thread(`${opens} setTimeout(() => process.exit(1), 10)`), data, {
      pendingWrites: 10,
      restarts: { limit: 3, firstDelayMs: 60_000, healthyMs: 60_000 },
    })
    await expect.poll(() => writer.state().kind, { timeout: 20_000 }).toBe('restarting')
    const waiting = writer.call('remove', { key: 'a' })
    void writer.close()
    await expect(waiting).rejects.toThrow('context.db is closed')
    await writer.close()
  })

  it('refuses more writes than may wait, and does those it took', async () => {
    const answers = `parentPort.on('message', ({ kind, requests }) => kind === 'close' ? process.exit(0)
      : parentPort.postMessage({ kind: 'batch', outputs: requests.map(() => true), failures: new Map() }))`
    const writer = await startWriter<ContextSteps>(thread(opens + answers), data, { pendingWrites: 2 })
    const [first, second, third] = await Promise.allSettled(['a', 'b', 'c'].map((key) => writer.call('remove', { key })))
    expect([first, second]).toEqual([1, 2].map(() => ({ status: 'fulfilled', value: true })))
    expect(String(third?.status === 'rejected' && third.reason)).toMatch('2 writes already wait for context.db')
    await writer.close()
  })
})
