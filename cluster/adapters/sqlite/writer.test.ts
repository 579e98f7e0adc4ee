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
const start = (module: URL, pendingWrites: number) => startWriter<ContextSteps>(module, data, pendingWrites)
const thread = (code: string) => new URL(`data:text/javascript,${encodeURIComponent(code)}`)
const opens = `import { parentPort } from 'node:worker_threads'; parentPort.postMessage({ kind: 'opened' });`

describe('the writer', () => {
  it.each([
    ['is not there', new URL('file:///nowhere/writer-thread.js'), /did not start: Cannot find module/],
    ['throws', thread(`throw new Error('no such binding')`), /did not start: no such binding/],
    ['ends', thread('process.exit(3)'), /did not start: it ended with code 3/],
  ])('says why it cannot start when its thread %s', async (_, module, reason) => {
    await expect(start(module, 10)).rejects.toThrow(reason)
  })

  it.each([
    ['breaks', `parentPort.on('message', () => { throw new Error('out of memory') })`, /broke \(out of memory\)/],
    ['ends', `parentPort.on('message', () => process.exit(1))`, /the thread that writes it ended/],
  ])('rejects what waits and what comes later when its thread %s', async (_, code, reason) => {
    const writer = await start(thread(opens + code), 10)
    const waiting = [writer.call('remove', { key: 'a' }), writer.call('remove', { key: 'b' })]
    for (const result of await Promise.allSettled(waiting))
      expect(String(result.status === 'rejected' && result.reason)).toMatch(reason)
    await expect(writer.call('remove', { key: 'c' })).rejects.toBeInstanceOf(UnavailableError)
    await writer.close()
  })

  it('refuses more writes than may wait, and does those it took', async () => {
    const answers = `parentPort.on('message', ({ kind, requests }) => kind === 'close' ? process.exit(0)
      : parentPort.postMessage({ kind: 'batch', outputs: requests.map(() => true), failures: new Map() }))`
    const writer = await start(thread(opens + answers), 2)
    const [first, second, third] = await Promise.allSettled(['a', 'b', 'c'].map((key) => writer.call('remove', { key })))
    expect([first, second]).toEqual([1, 2].map(() => ({ status: 'fulfilled', value: true })))
    expect(String(third?.status === 'rejected' && third.reason)).toMatch('2 writes already wait for context.db')
    await writer.close()
  })
})
