import { readFile } from 'node:fs/promises'
import { BatchPage } from '../pages/batch-page.ts'
import { expect, test } from '../shells.ts'

const REQUESTS = 200
const RUN_TIMEOUT_MS = 480_000
const MODEL = 'smollm2-135m-instruct'

const lines = (model: string): string =>
  Array.from({ length: REQUESTS }, (_, n) =>
    JSON.stringify({
      custom_id: `word-${n}`,
      method: 'POST',
      url: '/v1/chat/completions',
      body: { model, max_tokens: 4, messages: [{ role: 'user', content: `Say the word number ${n}.` }] },
    }),
  ).join('\n')

test('an operator drops a file of 200 requests, watches whether it will be done in time, and takes the results home', async ({
  shell,
  page,
}) => {
  test.setTimeout(RUN_TIMEOUT_MS + 180_000)
  const batch = new BatchPage(page)
  const picker = page.getByLabel('File of requests')

  await test.step('from the first page to the submit form by keyboard', async () => {
    await expect(batch.heading).toBeVisible()
    await page.keyboard.press('b')
    await expect(batch.heading).toHaveText(/Drop a file/)
  })

  await test.step('a file with a broken line is refused before anything is sent, with its line', async () => {
    const broken = `${lines(MODEL)}\n{"custom_id": "word-3", "method": "POST"`
    await picker.setInputFiles({ name: 'broken.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(broken) })
    await expect(batch.heading).toHaveText(/cannot be run/)
    await expect(page.getByRole('table', { name: 'Errors of the file' })).toContainText('201')
    expect(await batch.accessibilityFaults()).toEqual([])
  })

  await test.step('the mended file is sound, estimated and submitted', async () => {
    await picker.setInputFiles({ name: 'words.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(lines(MODEL)) })
    await expect(page.getByRole('button', { name: /^Submit 200/ })).toBeEnabled({ timeout: 60_000 })
    await page.keyboard.press('Control+Enter')
    await page.waitForURL(/\/local\/batches\/batch_/, { timeout: 30_000 })
  })

  await test.step('its page shows requests as they are answered', async () => {
    await expect(batch.stages).toContainText('Running')
    await expect(batch.requests.getByText('Done').first()).toBeVisible({ timeout: 120_000 })
  })

  await test.step('a reload in the middle shows the same picture and goes on', async () => {
    await page.reload()
    await expect(page.getByText('Will it be done in time?')).toBeVisible()
  })

  await test.step('it ends with every request answered, before its deadline', async () => {
    await expect(batch.heading).toHaveText(/^Done .*200 of 200 requests answered/, { timeout: RUN_TIMEOUT_MS })
    expect(await batch.accessibilityFaults()).toEqual([])
  })

  await test.step('one request opens to what was sent and what came back', async () => {
    await batch.requests.getByText('word-7', { exact: true }).click()
    const dialog = page.getByRole('dialog')
    await expect(dialog).toContainText('Say the word number 7.')
    await expect(dialog).toContainText('chat.completion')
    await page.keyboard.press('Escape')
  })

  await test.step('the output file has each custom_id once', async () => {
    const file = await shell.save(() => batch.download('Output, JSONL'))
    const output = await readFile(file, 'utf8')
    const ids = output
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { custom_id: string }).custom_id)
    expect(ids.toSorted()).toEqual(Array.from({ length: REQUESTS }, (_, n) => `word-${n}`).toSorted())
  })

  await test.step('the list has the batch, done; neither page has an accessibility fault in the dark', async () => {
    await batch.open('Batches')
    await expect(page.getByRole('table', { name: 'Batches' })).toContainText('words')
    await batch.useTheme('dark')
    await page.waitForTimeout(300)
    expect(await batch.accessibilityFaults()).toEqual([])
  })

  expect(shell.faults).toEqual([])
})
