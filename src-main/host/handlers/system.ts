import type { EmbeddedPlane } from '../../../cluster/entries/embedded.ts'
import type { Handlers } from '../../../src-preload/contract/define.ts'
import type { consoleContract } from '../../../src-preload/contract/index.ts'
import type { SystemView } from '../../../src-preload/contract/system.ts'
import type { HostConfig } from '../config.ts'
import { pause } from '../feeds/changes.ts'
import type { LiveHub } from '../feeds/live-hub.ts'
import { watchNotices } from '../feeds/notices.ts'
import { runCounts } from '../feeds/run-counts.ts'
import { accept } from './refusals.ts'

const VIEW_INTERVAL_MS = 1000
const LETTERS_INTERVAL_MS = 1000
const LETTERS_SHOWN = 200
const MINUTE_MS = 60_000

export function systemHandlers(
  plane: EmbeddedPlane,
  live: LiveHub,
  config: HostConfig,
): Handlers<typeof consoleContract>['system'] {
  async function view(): Promise<SystemView> {
    const now = Date.now()
    const { running, waiting } = live.counts()
    const [rate] = plane.queries().tokenRates(now - MINUTE_MS, MINUTE_MS, 1)
    const today = plane.queries().spendSince(startOfDay(now))
    return {
      version: config.version,
      shell: config.shell,
      started_read_only: config.readOnly === true,
      context: { id: 'local', name: 'Local', kind: 'local' },
      now,
      log: await plane.logState(),
      running_runs: runCounts(plane.queries()).running,
      running_calls: running,
      waiting_calls: waiting,
      tokens_per_second_1m: (rate ?? 0) + batchTokensPerSecond(plane),
      spend_today_micro_usd: today.costMicroUsd,
      runs_today: today.runs,
      needs: plane.needs(),
      dead_letters: await plane.deadLetterCount(),
      storage: (await plane.storage.notices()).map(({ isOver, ...notice }) => ({ ...notice, is_over: isOver })),
    }
  }

  return {
    watch: async function* (_, signal) {
      let shown = ''
      while (!signal.aborted) {
        const next = await view()
        const { now: _now, ...rest } = next
        const text = JSON.stringify(rest)
        if (text !== shown) yield next
        shown = text
        await pause(VIEW_INTERVAL_MS, signal)
      }
    },

    watchDeadLetters: async function* (_, signal) {
      let shown = ''
      while (!signal.aborted) {
        const all = await plane.commands.deadLetters.list()
        const text = JSON.stringify(all.map(({ queue, id, at, effect }) => [queue, id, at, effect]))
        if (text !== shown) yield { total: all.length, letters: all.slice(0, LETTERS_SHOWN) }
        shown = text
        await pause(LETTERS_INTERVAL_MS, signal)
      }
    },

    replayDeadLetter: async ({ queue, id }) => {
      const { words } = accept(await plane.commands.deadLetters.replay(queue, id))
      return { words }
    },

    removeDeadLetter: async ({ queue, id }) => {
      accept(await plane.commands.deadLetters.remove(queue, id))
      return {}
    },

    watchNotices: (_, signal) => watchNotices(plane, signal),

    tokens: ({ window_ms, points }) => {
      const step_ms = Math.ceil(window_ms / points)
      const from = Math.floor((Date.now() - window_ms) / step_ms) * step_ms
      return Promise.resolve({ step_ms, from, values: [...plane.queries().tokenRates(from, step_ms, points)] })
    },
  }
}

/** Of all batches under way, over the last minutes. */
function batchTokensPerSecond({ batches }: EmbeddedPlane): number {
  return batches
    .allLive()
    .reduce((sum, { rates, running }) => sum + (running > 0 && rates?.unit === 'tokens' ? rates.fast : 0), 0)
}

function startOfDay(now: number): number {
  return new Date(now).setHours(0, 0, 0, 0)
}
