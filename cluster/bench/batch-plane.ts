import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { hostOptions } from '../../e2e/servers/host.ts'

/** What a process with a plane of batches tells. */
const news = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('counts'), at: z.number(), completed: z.number(), limit: z.number() }),
  z.object({
    kind: z.literal('ended'),
    runMs: z.number(),
    peakBytes: z.number(),
    data: z.object({
      counts: z.object({ total: z.number(), completed: z.number(), failed: z.number() }),
      output: z.object({ content: z.object({ sha256: z.string() }) }).nullable(),
    }),
  }),
])
export type PlaneNews = z.infer<typeof news>
export type PlaneEnd = Extract<PlaneNews, { kind: 'ended' }>
export type PlaneCounts = Extract<PlaneNews, { kind: 'counts' }>

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

export interface StandIn {
  readonly url: string
  calls(): Promise<number>
  stop(): void
}

/** A server in a process of its own that takes `delayMs` for each answer of so many sentences. */
export async function startStandIn(delayMs: number, sentences = 1): Promise<StandIn> {
  const child = spawn(process.execPath, [script('stand-in-upstream.ts'), String(delayMs), '0', String(sentences)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve))
  return {
    url,
    calls: async () => Number(await (await fetch(new URL('/calls', url))).text()),
    stop: () => void child.kill(),
  }
}

/** Milliseconds that bare undici takes for so many requests in a process of its own. */
export async function runRaw(url: string, count: number, concurrency: number): Promise<number> {
  const child = spawn(process.execPath, [script('raw-undici.ts'), url, String(count), String(concurrency)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return Number(await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve)))
}

export interface PlaneRun {
  /** Resolves at its end, or undefined where the process ended before. */
  readonly ended: Promise<PlaneEnd | undefined>
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>
}

/** A batch of `count` requests over the durable stores in `folder`, in a process of its own. */
export function runPlane(
  folder: string,
  url: string,
  count: number,
  concurrency: number,
  mode: 'fixed' | 'adaptive',
  onCounts: (counts: PlaneCounts) => void = () => undefined,
): PlaneRun {
  const child: ChildProcess = spawn(
    process.execPath,
    [...hostOptions, script('batch-process.ts'), folder, url, String(count), String(concurrency), mode],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let end: PlaneEnd | undefined
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const told = news.parse(JSON.parse(line))
      if (told.kind === 'ended') end = told
      else onCounts(told)
    })
  return {
    ended: exited.then(() => end),
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Runs with a folder that is there as long. */
export async function withFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-bench-'))
  try {
    return await act(folder)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
