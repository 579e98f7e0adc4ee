import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import { fillRuns } from '../../cluster/bench/made-up-runs.ts'
import { median, timed, type Figure } from '../../cluster/bench/report.ts'
import { runQuery } from '../../cluster/messages/deliberation-query.ts'
import { deliberationModel } from '../../cluster/read-models/deliberations/model.ts'
import { openModelStore, tableNames } from '../../cluster/read-models/engine/model-store.ts'
import { startHost } from '../servers/host.ts'

const RUNS = 100_000
const ROUNDS = 7
const SCROLLED_FRAMES = 600
const { SIGNALBOX_CHROMIUM = '/usr/bin/chromium' } = process.env

/** The page of 100,000 deliberations in a real Chromium over the real host; see `fillRuns` for where they come from. */
export async function benchLists(): Promise<readonly Figure[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-bench-'))
  try {
    const file = await fillRuns(dataDir, RUNS, Date.now())
    return [...(await inThePage(dataDir)), ...(await pagedAgainstUnpaged(file))]
  } finally {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function inThePage(dataDir: string): Promise<Figure[]> {
  const host = await startHost(dataDir)
  const browser = await chromium.launch({
    executablePath: SIGNALBOX_CHROMIUM,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    const pages = rowMessages(page)
    await page.addInitScript({ content: IN_PAGE })
    await page.goto(`${host.url}/?token=${host.token}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await showsRows(page, '/local/deliberations')

    const first: number[] = []
    const filtered: number[] = []
    const searched: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const role = round % 2 === 0 ? 'qa' : 'data'
      await goTo(page, '/local/overview')
      first.push(await showsRows(page, '/local/deliberations'))
      await page.getByText(/^[\d,]+\sruns$/).waitFor()
      filtered.push(await typed(page, `status:failed role:${role}`, ['Failed', role]))
      searched.push(await typed(page, 'webhook', ['webhook']))
      await page.waitForTimeout(500)
    }
    await goTo(page, '/local/deliberations')
    await page.getByText(/^[\d,]+\sruns$/).waitFor()
    await page.waitForTimeout(1_000)
    const frames = await scrolled(page)
    const [slowest, largest] = [Math.max(...frames), Math.max(...pages())]
    return [
      figure('first rows of 100,000, from the link to the table', median(first), 'ms', '≤ 300', 300),
      figure('filter by state and role, from the last key to the rows', median(filtered), 'ms', '≤ 100', 100),
      figure('search a word, from the last key to the rows', median(searched), 'ms', '≤ 100', 100),
      figure(`longest frame of ${frames.length} while scrolling through all`, slowest, 'ms', '≤ 50', 50),
      figure(`largest page of rows on the wire, of ${pages().length}`, largest / 1000, 'kB', '≤ 50', 50),
    ]
  } finally {
    await browser.close()
    await host.stop()
  }
}

function figure(metric: string, value: number, unit: string, bar: string, most: number): Figure {
  return { bench: 'lists', metric, value, unit, bar: `${bar} ${unit}`, ok: value <= most }
}

/** Sizes of the messages that brought rows of a list. */
function rowMessages(page: Page): () => number[] {
  const sizes: number[] = []
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      if (String(payload).includes('"rows":[')) sizes.push(Buffer.byteLength(payload))
    }),
  )
  return () => sizes
}

/** What runs in the page, in the page's own words: clocks and nodes are there. */
const IN_PAGE = `
window.listBench = {
  goTo(path) {
    history.pushState(null, '', path)
    dispatchEvent(new PopStateEvent('popstate'))
  },
  until(isSo) {
    const startedAt = performance.now()
    return new Promise((resolve) => {
      const look = () => (isSo() ? resolve(performance.now() - startedAt) : requestAnimationFrame(look))
      requestAnimationFrame(look)
    })
  },
  type(text) {
    const input = document.querySelector('.run-search input')
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, text)
    input.dispatchEvent(new Event('input', { bubbles: true }))
  },
  everyRowHas(words) {
    const rows = [...document.querySelectorAll('tr.acts:not(.dim)')].map((row) => row.textContent)
    return rows.length > 0 && rows.every((row) => words.every((word) => row.includes(word)))
  },
  scroll(frames) {
    const scroller = document.querySelector('.table-scroller')
    const lengths = []
    let last = performance.now()
    return new Promise((resolve) => {
      const step = (now) => {
        lengths.push(now - last)
        last = now
        if (lengths.length > frames) return resolve(lengths.slice(1))
        // A wheel through its beginning, then jumps through all of it.
        scroller.scrollTop += lengths.length < frames * 0.7 ? 120 : scroller.scrollHeight / (frames * 0.3)
        requestAnimationFrame(step)
      }
      requestAnimationFrame(step)
    })
  },
}
`

async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate(`listBench.goTo(${JSON.stringify(path)})`)
  await page.waitForTimeout(300)
}

/** Milliseconds from following a link to the frame that shows a row. */
function showsRows(page: Page, path: string): Promise<number> {
  return page.evaluate(
    `(listBench.goTo(${JSON.stringify(path)}), listBench.until(() => document.querySelector('tr.acts') !== null))`,
  )
}

/** Milliseconds from a change of the filter to the frame in which every row shows all these words. */
function typed(page: Page, text: string, words: readonly string[]): Promise<number> {
  return page.evaluate(
    `(listBench.type(${JSON.stringify(text)}), listBench.until(() => listBench.everyRowHas(${JSON.stringify(words)})))`,
  )
}

/** Milliseconds between frames while the table is scrolled. */
function scrolled(page: Page): Promise<number[]> {
  return page.evaluate(`listBench.scroll(${SCROLLED_FRAMES})`)
}

/** A page of ten rows against the whole list, both as the host answers them: read, viewed, written as JSON. */
async function pagedAgainstUnpaged(file: string): Promise<Figure[]> {
  const store = openModelStore(file)
  const queries = deliberationModel.queries(store.reader, tableNames(deliberationModel))
  const query = runQuery.parse({ order: { by: 'cost', descending: true } })
  let bytes = { page: 0, all: 0 }
  const times: { page: number; all: number }[] = []
  const text = (numbers: readonly number[]) => Buffer.byteLength(JSON.stringify(queries.rows(numbers, 0)))
  for (let round = 0; round < 5; round++) {
    const page = await timed(() => void (bytes = { ...bytes, page: text(queries.list.page(query, 10) ?? []) }))
    const all = await timed(() => void (bytes = { ...bytes, all: text(queries.list.all(query)) }))
    times.push({ page, all })
  }
  store.close()
  const share = median(times.map((time) => time.page / time.all))
  return [
    {
      bench: 'lists',
      metric: 'ten of 100,000 sorted by cost, against all of them: time',
      value: median(times.map((time) => time.page)),
      unit: 'ms',
      baseline: median(times.map((time) => time.all)),
      ratio: share,
      bar: 'ratio ≤ 0.02',
      ok: share <= 0.02,
    },
    {
      bench: 'lists',
      metric: 'ten of 100,000 sorted by cost, against all of them: bytes',
      value: bytes.page / 1000,
      unit: 'kB',
      baseline: bytes.all / 1000,
      ratio: bytes.page / bytes.all,
      bar: 'ratio ≤ 0.001',
      ok: bytes.page / bytes.all <= 0.001,
    },
  ]
}
