import type { CDPSession, Page } from '@playwright/test'

/**
 * Counts frames and input in the page. `frames`: milliseconds between two frames; `inputs`: from a key that the browser received to
 * the end of the frame that it led to. In the page's own words, because it runs there.
 */
const PROBE = `
window.boardProbe = (() => {
  let frames = [], inputs = [], last = null
  const tick = (now) => {
    if (last !== null) frames.push(now - last)
    last = now
    requestAnimationFrame(tick)
  }
  requestAnimationFrame(tick)
  const ended = new MessageChannel()
  const waiting = []
  ended.port1.onmessage = () => { for (const at of waiting.splice(0)) inputs.push(performance.now() - at) }
  addEventListener('keydown', (event) => {
    requestAnimationFrame(() => { waiting.push(event.timeStamp); ended.port2.postMessage(null) })
  }, { capture: true })
  return {
    start() { frames = []; inputs = []; last = null },
    read() { return { frames, inputs } },
  }
})()
`

export interface Probed {
  readonly frames: readonly number[]
  readonly inputs: readonly number[]
}

export async function addProbe(page: Page): Promise<void> {
  await page.addInitScript({ content: PROBE })
}

export async function probed(page: Page, act: () => Promise<void>): Promise<Probed> {
  await page.evaluate('boardProbe.start()')
  await act()
  return await page.evaluate<Probed>('boardProbe.read()')
}

/** Before `busyMs`. By the processor time of the thread: by the clock, a neighbour's work on the same machine would count too. */
export async function measureBusy(session: CDPSession): Promise<void> {
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
}

/** Milliseconds of processor time that the page's main thread took while `act` ran. */
export async function busyMs(session: CDPSession, act: () => Promise<void>): Promise<number> {
  const before = await taskSeconds(session)
  await act()
  return ((await taskSeconds(session)) - before) * 1000
}

async function taskSeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}
