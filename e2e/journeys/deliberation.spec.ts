import { BoardPage } from '../pages/board-page.ts'
import { LaunchPage } from '../pages/launch-page.ts'
import { expect, test } from '../shells.ts'

const AGENTS = ['agent-001', 'agent-002', 'agent-003']
/** Two minutes of two quiet cores; a machine with much else to do takes several times as long. */
const RUN_TIMEOUT_MS = 1_200_000
const PAGES = [
  '/local/overview',
  '/local/deliberations',
  '/local/deliberations/new',
  '/local/deliberations/councils',
  '/local/models',
  ...['connections', 'roles', 'policies', 'appearance', 'shortcuts', 'storage', 'diagnostics'].map(
    (tab) => `/local/settings/${tab}`,
  ),
]

test('an operator launches a deliberation on the built-in model, watches it, and reads who won and why', async ({
  shell,
  page,
}) => {
  test.setTimeout(RUN_TIMEOUT_MS + 600_000)
  const board = new BoardPage(page)
  let taskId = ''

  await test.step('from the first page to the launch form by keyboard', async () => {
    await expect(board.heading).toBeVisible()
    await page.keyboard.press('n')
    const launch = new LaunchPage(page)
    // A second round asks nothing more of the shell.
    await launch.fill('Name three ways to make HTTP retries safe.', shell.kind === 'chromium' ? 2 : 1)
    await launch.judgeByOneCriterion()
    await launch.limit({ tokens: 48, callSeconds: 600, runSeconds: RUN_TIMEOUT_MS / 1000 })
    await expect(page.getByText(/starter model/i).first()).toBeVisible()
    taskId = await launch.launch()
  })

  await test.step('the board shows three agents at work and their text as it is written', async () => {
    for (const agent of AGENTS) await expect(board.card(agent)).toBeVisible()
    await expect(board.liveTexts.filter({ hasText: /\w{3,}/ }).first()).toBeVisible({ timeout: 120_000 })
  })

  await test.step('a reload in the middle shows the same picture and goes on', async () => {
    const before = await board.heading.innerText()
    await page.reload()
    for (const agent of AGENTS) await expect(board.card(agent)).toBeVisible()
    await expect(board.heading).not.toHaveText('')
    expect(before).not.toBe('')
    await expect(board.card('agent-001')).toContainText(/\w{3,}/)
  })

  await test.step('the run ends with a ranking of all three, scores, and stated reasons', async () => {
    await expect(board.result).toBeVisible({ timeout: RUN_TIMEOUT_MS })
    await expect(board.heading).toContainText(/agent-00\d/)
    const rows = board.ranking.getByRole('row')
    for (const agent of AGENTS) await expect(rows.filter({ hasText: agent })).toHaveText(/0\.\d\d/)
    await expect(board.result).toContainText(/agent-00\d/)
    await expect(board.result).toContainText(/ranking|score/i)
  })

  await test.step('each score opens to who gave it and why', async () => {
    await board.card('agent-002').click()
    await page.getByRole('tab', { name: /Scores/ }).click()
    await expect(page.getByRole('tabpanel')).toContainText(/agent-00[13]/)
  })

  await test.step('the list has the run, done', async () => {
    await board.open('Deliberations')
    await expect(page.getByText('Name three ways to make HTTP retries safe.').first()).toBeVisible()
    await expect(page.getByText('Done').first()).toBeVisible()
  })

  await test.step('no page has an accessibility fault, in either theme', async () => {
    for (const path of [...PAGES, `/local/deliberations/${taskId}`]) {
      await board.goTo(path)
      await expect(board.heading).toBeVisible()
      await board.expectAccessible()
    }
  })

  expect(shell.faults).toEqual([])
})
