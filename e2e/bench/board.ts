import { chromium, type Browser, type Page } from '@playwright/test'
import type { Figure } from '../../cluster/bench/report.ts'
import type { Board } from '../../src-renderer/features/deliberations/shapes.ts'
import { appended, finishedBoard, unfinishedBoard, writingBoard } from './made-up-board.ts'
import { addProbe, busyMs, measureBusy, probed, quantile } from './page-probe.ts'
import { startStandInHost, type StandInHost } from './stand-in-host.ts'

const AGENTS = 8
const TOKENS_PER_SECOND = 200
const STREAM_MS = 15_000
/** 4 × (1 + 2 × 12) and 10 × (1 + 2 × 500) messages: the long one is past any run's limits, and made up to be measured. */
const SHORT = { agents: 4, rounds: 12 }
const LONG = { agents: 10, rounds: 500 }
const APPENDS = 40
const APPEND_EVERY_MS = 250
/** Twelve megabytes of messages take their time on a machine that has other work. */
const LOADED_WITHIN_MS = 120_000

const { SIGNALBOX_CHROMIUM = '/usr/bin/chromium' } = process.env

/** The page of a run in a real Chromium, over a host whose boards are made up: streaming text, appending to a transcript, scrolling it. */
export async function benchBoard(): Promise<readonly Figure[]> {
  const boards = new Map<string, Board>([
    ['writing', writingBoard(AGENTS)],
    ['short', unfinishedBoard(SHORT)],
    ['long', unfinishedBoard(LONG)],
    ['scrolled', finishedBoard(LONG)],
  ])
  for (const [taskId, board] of boards) {
    board.row.task_id = taskId
    board.spec.task_id = taskId
  }
  const host = await startStandInHost(boards)
  const browser = await chromium.launch({
    executablePath: SIGNALBOX_CHROMIUM,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
  try {
    return [...(await streaming(browser, host)), ...(await appending(browser, host, boards)), ...(await scrolling(browser, host))]
  } finally {
    await browser.close()
    await host.stop()
  }
}

async function open(browser: Browser, host: StandInHost, path: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  page.setDefaultTimeout(LOADED_WITHIN_MS)
  await addProbe(page)
  await page.goto(host.link, { waitUntil: 'commit' })
  await page.goto(`${host.url}/local/deliberations/${path}`, { waitUntil: 'commit' })
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.waitForTimeout(1_000)
  return page
}

async function streaming(browser: Browser, host: StandInHost): Promise<Figure[]> {
  const page = await open(browser, host, 'writing')
  const writers = startWriters(host)
  await page.locator('.live-text').first().waitFor()
  await page.waitForTimeout(1_000)
  const { frames, inputs } = await probed(page, async () => {
    const until = performance.now() + STREAM_MS
    while (performance.now() < until) {
      await page.keyboard.press('Tab')
      await page.waitForTimeout(100)
    }
  })
  const rate = writers.stop()
  await page.close()
  const longest = Math.max(...frames)
  const p95 = quantile(inputs, 0.95)
  return [
    figure(
      `${AGENTS} agents write: tokens a second`,
      rate,
      'tok/s',
      `≥ ${0.95 * AGENTS * TOKENS_PER_SECOND}`,
      rate >= 0.95 * AGENTS * TOKENS_PER_SECOND,
    ),
    figure(`${AGENTS} agents write: longest frame`, longest, 'ms', '≤ 100', longest <= 100),
    figure(`${AGENTS} agents write: input latency p95 of ${inputs.length}`, p95, 'ms', '≤ 100', p95 <= 100),
  ]
}

/** Every agent writes one word a token, as many tokens as the clock asks for. */
function startWriters(host: StandInHost): { stop(): number } {
  const ids = Array.from({ length: AGENTS }, (_, at) => `writing.0.propose.agent-${String(at + 1).padStart(3, '0')}`)
  const at = () => Date.now()
  for (const id of ids) host.live.publish({ kind: 'started', task_id: 'writing', id, at: at(), attempt: 1 })
  const startedAt = performance.now()
  const position = ids.map(() => 0)
  let tokens = 0
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) / 1000) * TOKENS_PER_SECOND)
    for (; tokens < due; tokens++) {
      const text = tokens % 90 === 89 ? '.\n\n' : `${words[tokens % words.length] ?? ''} `
      ids.forEach((id, i) => {
        host.live.publish({ kind: 'delta', task_id: 'writing', id, at: at(), position: position[i] ?? 0, text })
        position[i] = (position[i] ?? 0) + text.length
      })
    }
  }, 10)
  return {
    stop() {
      clearInterval(timer)
      return (tokens * AGENTS * 1000) / (performance.now() - startedAt)
    },
  }
}

const words = ['the', 'consumer', 'asks', 'its', 'ledger', 'before', 'it', 'sends', 'again,', 'with', 'full', 'jitter']

async function appending(browser: Browser, host: StandInHost, boards: ReadonlyMap<string, Board>): Promise<Figure[]> {
  const short = await appendCost(browser, host, 'short', boards)
  const long = await appendCost(browser, host, 'long', boards)
  const ratio = long / short
  return [
    {
      bench: 'board',
      metric: 'append to a transcript of 10,000 messages, against one of 100: processor time of the main thread',
      value: long,
      unit: 'ms',
      baseline: short,
      ratio,
      bar: 'ratio ≤ 1.5',
      ok: ratio <= 1.5,
    },
  ]
}

/** What one message more costs the page's main thread, beyond what the page costs while nothing comes. */
async function appendCost(
  browser: Browser,
  host: StandInHost,
  taskId: string,
  boards: ReadonlyMap<string, Board>,
): Promise<number> {
  const page = await open(browser, host, `${taskId}?view=transcript&agent=none`)
  await page.getByRole('article').first().waitFor()
  await page.waitForTimeout(2_000)
  const session = await page.context().newCDPSession(page)
  await measureBusy(session)
  const span = APPENDS * APPEND_EVERY_MS
  const idle = await busyMs(session, () => page.waitForTimeout(span))
  let board = boards.get(taskId)
  const busy = await busyMs(session, async () => {
    for (let at = 0; at < APPENDS && board; at++) {
      const next = appended(board, at)
      board = next.board
      host.push(taskId, next.update)
      await page.waitForTimeout(APPEND_EVERY_MS)
    }
  })
  await page.close()
  return (busy - idle) / APPENDS
}

async function scrolling(browser: Browser, host: StandInHost): Promise<Figure[]> {
  const page = await open(browser, host, 'scrolled?view=transcript&agent=none')
  await page.getByRole('article').first().waitFor()
  await page.mouse.move(500, 600)
  await page.waitForTimeout(1_000)
  const { frames } = await probed(page, async () => {
    for (let at = 0; at < 150; at++) {
      await page.mouse.wheel(0, at % 10 === 9 ? 4_000 : 400)
      await page.waitForTimeout(30)
    }
  })
  await page.close()
  const longest = Math.max(...frames)
  return [
    figure('scroll a transcript of 10,000 messages: longest frame', longest, 'ms', '≤ 100', longest <= 100),
    figure(
      'scroll a transcript of 10,000 messages: frame p95',
      quantile(frames, 0.95),
      'ms',
      '≤ 50',
      quantile(frames, 0.95) <= 50,
    ),
  ]
}

function figure(metric: string, value: number, unit: string, bar: string, ok: boolean): Figure {
  return { bench: 'board', metric, value, unit, bar, ok }
}
