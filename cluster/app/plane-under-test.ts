import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, expect } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { createChecks } from '../adapters/checks/suite.ts'
import { createMemoryBlobs } from '../adapters/memory/blobs.ts'
import { createScriptedEngines, type Script, type ScriptedEmbedding } from '../adapters/memory/engines.ts'
import { createMemoryEventLog } from '../adapters/memory/event-log.ts'
import { sampleOf } from '../adapters/memory/json-sample.ts'
import { createMemoryLiveChannel } from '../adapters/memory/live-channel.ts'
import { createMemoryAnswers, createMemoryWorkQueue } from '../adapters/memory/queues.ts'
import { createMemorySmallState } from '../adapters/memory/small-state.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { deliberationEvent, deliberationSubject, type DeliberationEvent } from '../messages/deliberation-events.ts'
import { submitDeliberation, type SubmitDeliberation } from '../messages/deliberation.ts'
import { policyRule } from '../messages/policies.ts'
import { promptSet } from '../messages/prompts.ts'
import { role } from '../messages/roles.ts'
import { template } from '../messages/templates.ts'
import type { WorkItem } from '../messages/work.ts'
import type { Engines } from '../ports/engines.ts'
import { createControlPlane, type ControlPlane, type PlanePorts } from './control-plane.ts'
import { createLargeAnswers } from './texts/large-answers.ts'
import { runWorker } from './worker/worker.ts'

const resource = async (name: string): Promise<unknown> =>
  parse(await readFile(new URL(`../../resources/${name}`, import.meta.url), 'utf8'))
const prompts = promptSet.parse(await resource('prompts/deliberation-v2.yaml'))
const shippedRoles = z.array(role).parse(await resource('roles.yaml'))

const shippedTemplates = z.array(template).parse(await resource('templates.yaml'))
const shippedPolicies = z.array(policyRule).parse(await resource('policies.yaml'))
const checks = createChecks(
  new URL('../adapters/checks/thread-main.ts', import.meta.url),
  fileURLToPath(new URL('../../resources', import.meta.url)),
)
afterAll(() => checks.stop())

/** JSON where a form is asked for, else a sentence. */
export const plainly: Script = (call) =>
  call.format ? JSON.stringify(sampleOf(call.format.schema, call.seed)) : `Proposal ${call.seed}: retry with jitter.`

/** An engine that answers only when the call is aborted. */
export const hang = (signal: AbortSignal) =>
  new Promise<string>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

/** A plane with its workers, and what a spec asks of it. */
export interface World {
  readonly plane: ControlPlane
  readonly ports: PlanePorts
  readonly engines: Engines
  submit(run: Partial<SubmitDeliberation>): Promise<string>
  events(taskId: string): Promise<readonly DeliberationEvent[]>
  ended(taskId: string): Promise<Extract<DeliberationEvent, { type: 'deliberation.ended' }>['data']>
  /** Stops plane and workers; the stores stay. */
  stop(): Promise<void>
}

const open: World[] = []
afterEach(async () => {
  for (const world of [...open]) await world.stop()
})

/** A plane over memory adapters; `stores` lets a second plane take up where the first one stopped. */
export async function startPlane(
  script: Script,
  stores?: Partial<Pick<PlanePorts, 'log' | 'work' | 'answers' | 'state' | 'blobs' | 'clock' | 'maxRuns' | 'endNotices'>>,
  workers = true,
  embed: ScriptedEmbedding | null = null,
): Promise<World> {
  let next = 0
  const faults: unknown[] = []
  const engines = createScriptedEngines(script, undefined, embed)
  const live = createMemoryLiveChannel()
  const ports: PlanePorts = {
    log: createMemoryEventLog(),
    work: createMemoryWorkQueue(),
    answers: createMemoryAnswers(),
    state: createMemorySmallState(),
    blobs: createMemoryBlobs(),
    clock: systemClock,
    maxRuns: 200,
    ...stores,
    engines,
    checks,
    prompts: new Map([[prompts.version, prompts]]),
    promptsVersion: prompts.version,
    shippedRoles,
    shippedPolicies,
    shippedTemplates,
    parseText: (text) => parse(text) as unknown,
    newId: () => `id${++next}-${Math.random().toString(36).slice(2, 8)}`,
    newSeed: () => 7,
    answerSizes: () => [],
    onFault: (fault) => faults.push(fault),
  }
  const stopping = new AbortController()
  const plane = await createControlPlane(ports)
  const worker = workers
    ? runWorker(
        { ...ports, answers: createLargeAnswers(ports), live, jitter: () => 0 },
        { slots: 8, leaseMs: 2000, graceMs: 0, onFault: (fault) => faults.push(fault) },
        stopping.signal,
      )
    : Promise.resolve()
  const events = async (taskId: string) =>
    (await ports.log.readSubject(deliberationSubject(taskId))).flatMap((entry) =>
      entry.events.map((event) => deliberationEvent.parse(event)),
    )
  let command = 0
  const world: World = {
    plane,
    ports,
    engines,
    events,
    async submit(run) {
      const input = submitDeliberation.parse({ task: 'Design a retry policy.', role: 'DEV', ...run })
      const result = await plane.submit(`command-${++command}-${Math.random()}`, 'spec', input)
      if (result.kind === 'refused') throw new Error(`${result.code}: ${result.message}`)
      return result.taskId
    },
    async ended(taskId) {
      await expect.poll(async () => (await events(taskId)).some((event) => event.type === 'deliberation.ended')).toBe(true)
      const last = (await events(taskId)).find((event) => event.type === 'deliberation.ended')
      expect(faults).toEqual([])
      return last?.data ?? expect.unreachable('it has ended')
    },
    async stop() {
      open.splice(open.indexOf(world), 1)
      stopping.abort()
      await Promise.all([plane.stop(), worker])
    },
  }
  open.push(world)
  return world
}

export const answersOf = (events: readonly DeliberationEvent[]) =>
  events.filter((event) => event.type === 'deliberation.answered')
export const byPhase = (phase: WorkItem['phase']) => (event: DeliberationEvent) =>
  'phase' in event.data && event.data.phase === phase
