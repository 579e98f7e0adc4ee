import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { electronCommand, expect, test } from '../shells.ts'
import { frame } from '../pages/frame.ts'

test('a host that crashed is started again, and the page is live again by itself', async ({ shell, page }) => {
  await expect(frame(page).live).toBeVisible()
  const first = await shell.hostPid()
  process.kill(first, 'SIGKILL')
  await expect(frame(page).live).toBeHidden()
  await expect(frame(page).live).toBeVisible()
  expect(await shell.hostPid()).not.toBe(first)
})

test('a page that is loaded again is live again', async ({ page }) => {
  await expect(frame(page).live).toBeVisible()
  await page.reload()
  await expect(frame(page).live).toBeVisible()
})

test('a deep link opens in the one window that is there', async ({ dataDir, page }) => {
  await expect(frame(page).live).toBeVisible()
  const { file, args } = electronCommand(dataDir)
  const second = spawn(file, [...args, 'signalbox://local/models'], { stdio: 'ignore' })
  await once(second, 'exit')
  await expect(page).toHaveURL('app://signalbox/local/models')
  await expect(frame(page).heading).toBeVisible()
})

test('the page can neither leave nor open another window', async ({ page }) => {
  await expect(frame(page).live).toBeVisible()
  const before = page.url()
  expect(await page.evaluate(() => window.open('http://example.org/'))).toBeNull()
  const after = page.evaluate(
    () =>
      new Promise((resolve) => {
        location.href = 'https://example.org/'
        setTimeout(() => resolve(location.href), 500)
      }),
  )
  expect(await after).toBe(before)
})

test('when the main process is killed, nothing of the console stays behind', async ({ shell, page }) => {
  await expect(frame(page).live).toBeVisible()
  const pids = await shell.pids()
  process.kill(pids[0] ?? 0, 'SIGKILL')
  await expect.poll(async () => (await Promise.all(pids.map(isRunning))).filter(Boolean)).toEqual([])
})

/** A process that has ended and waits to be noticed does not count. */
async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return status !== undefined && !/\) [ZX] /.test(status)
}
