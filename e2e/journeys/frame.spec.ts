import { frame } from '../pages/frame.ts'
import { expect, test } from '../shells.ts'

test('the console opens, knows its host, and complains about nothing', async ({ shell, page }) => {
  await expect(page).toHaveTitle(/Signalbox/)
  await expect(frame(page).heading).toBeVisible()
  await expect(frame(page).navigation).toBeVisible()
  await expect(frame(page).live).toBeVisible()
  expect(shell.faults).toEqual([])
})

test('the page is a plain web page under a strict policy', async ({ page }) => {
  await expect(frame(page).heading).toBeVisible()
  const found = await page.evaluate(async () => {
    const script = document.createElement('script')
    script.textContent = 'window.inlineScriptRan = true'
    document.body.append(script)
    // In a task of its own: what the test itself runs is exempt from the policy.
    const evaluation = await new Promise<string>((resolve) => {
      setTimeout(() => {
        try {
          globalThis.eval('1')
          resolve('allowed')
        } catch (error) {
          resolve(error instanceof Error ? error.name : 'refused')
        }
      })
    })
    return { evaluation, inlineScript: 'inlineScriptRan' in window, require: 'require' in window, process: 'process' in window }
  })
  expect(found).toEqual({ evaluation: 'EvalError', inlineScript: false, require: false, process: false })
})

test('the page cannot reach beyond its host', async ({ page }) => {
  await expect(frame(page).heading).toBeVisible()
  const outcome = await page.evaluate(() =>
    fetch('https://example.org/').then(
      () => 'reached',
      (error: unknown) => String(error),
    ),
  )
  expect(outcome).toContain('Failed to fetch')
})
