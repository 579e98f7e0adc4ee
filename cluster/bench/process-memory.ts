import * as z from 'zod'
import type { ClusterProcess } from '../../e2e/servers/cluster-process.ts'

/** What a process holds on to, in MB. */
export interface HeldMemory {
  /** Objects of its main thread. */
  readonly heap: number
  /** All that the machine gives it, what is outside of the heap and of its other threads included. */
  readonly resident: number
}

/** In the environment of a Node process: lets its memory be measured from outside. */
export const measurable = { NODE_OPTIONS: '--inspect=127.0.0.1:0' }

const reply = z.object({ id: z.int(), result: z.unknown() })
const usage = z.object({ result: z.object({ value: z.string().transform((text) => JSON.parse(text) as unknown) }) })
const sizes = z.object({ heapUsed: z.number(), rss: z.number() })
const MEGABYTE = 1024 * 1024

/** Measures a process that was started as `measurable`, as often as asked; each time it first drops what nothing refers to. */
export async function openMemory(process: ClusterProcess): Promise<() => Promise<HeldMemory>> {
  const address = /ws:\/\/\S+/.exec(process.output())?.[0]
  if (address === undefined) throw new Error(`The process does not let itself be measured: ${process.output()}`)
  const socket = new WebSocket(address)
  const waiting = new Map<number, (result: unknown) => void>()
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = reply.parse(JSON.parse(String(data)))
    waiting.get(id)?.(result)
    waiting.delete(id)
  })
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', () => reject(new Error(`Nobody answers at ${address}.`)))
  })
  let sent = 0
  const ask = (method: string, params: object = {}) =>
    new Promise<unknown>((resolve) => {
      waiting.set(++sent, resolve)
      socket.send(JSON.stringify({ id: sent, method, params }))
    })
  return async () => {
    await ask('HeapProfiler.collectGarbage')
    const answer = await ask('Runtime.evaluate', { expression: 'JSON.stringify(process.memoryUsage())' })
    const { heapUsed, rss } = sizes.parse(usage.parse(answer).result.value)
    return { heap: heapUsed / MEGABYTE, resident: rss / MEGABYTE }
  }
}
