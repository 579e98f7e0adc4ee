import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { deliberationExport } from '../../cluster/messages/deliberation-export.ts'
import { BoardPage } from '../pages/board-page.ts'
import { ComparePage } from '../pages/compare-page.ts'
import { LaunchPage } from '../pages/launch-page.ts'
import { ModelsPage } from '../pages/models-page.ts'
import { RunsPage } from '../pages/runs-page.ts'
import { criticised, mended, note, problem, scriptedCouncil, winningApproach } from '../servers/scripted-council.ts'
import { SCRIPTED_MODEL, startScriptedEndpoint } from '../servers/scripted-endpoint.ts'
import { expect as assert, test } from '../shells.ts'

const TASK = 'How do we retry failed requests?'
const CORRECTION = '\n\nOperators see every retry in a metric.'
/** A bound, not a wait: a loaded machine may take long to show what is there at once on a quiet one. */
const expect = assert.configure({ timeout: 60_000 })

test('an operator adds an endpoint, launches a run on it, judges the result, keeps it as a file, and compares it with another try', async ({
  shell,
  page,
}) => {
  test.setTimeout(600_000)
  const endpoint = await startScriptedEndpoint()
  endpoint.behave(scriptedCouncil())
  const board = new BoardPage(page)
  const launch = new LaunchPage(page)
  const runs = new RunsPage(page)
  let first = ''
  let second = ''
  let winner = ''

  await test.step('an endpoint is added by its address, and what it serves is asked for first', async () => {
    const models = new ModelsPage(page)
    await models.open('Models')
    await models.addEndpoint('Stand-in', endpoint.baseUrl)
    await models.expectAccessible()
  })

  await test.step('three agents are launched on its model, from a template whose placeholder is filled in', async () => {
    await page.keyboard.press('n')
    await launch.fill(TASK.replace('requests', '{{what}}'), 1)
    await launch.chooseModel(SCRIPTED_MODEL)
    await launch.keepAsTemplate('Retries')
    await launch.useTemplate('Retries', { what: 'requests' })
    await expect(launch.task).toHaveValue(TASK)
    await launch.expectAccessible()
    first = await launch.launch()
    await expect(board.result).toBeVisible()
  })

  await test.step('the board says who won, with the parts of each score', async () => {
    await expect(board.heading).toContainText(/agent-00\d/)
    winner = /agent-00\d/.exec(await board.heading.innerText())?.[0] ?? ''
    const rows = board.ranking.getByRole('row').filter({ hasText: /agent-00\d/ })
    await expect(rows).toHaveCount(3)
    await expect(rows.nth(0)).toContainText(winner)
    for (const [place, rubric] of [/0\.90\s+st/, /0\.80\s+st/, /0\.70\s+st/].entries())
      await expect(rows.nth(place)).toContainText(rubric)
    await expect(board.result).toContainText(`We rely on ${winningApproach}.`)
    await expect(board.result).toContainText(mended)
    await expect(board.result).toContainText('rubric 0.90 st')
    await expect(board.result).toContainText(`It relies on ${winningApproach}.`)
  })

  await test.step('a criticism leads to the words it quotes, to its answer, and to what the revision changed', async () => {
    await board.card(winner).click()
    await page.getByRole('tab', { name: /Review/ }).click()
    const { inspector } = board
    await expect(inspector.locator('mark')).toHaveText(criticised)
    const problems = inspector.getByRole('listitem').filter({ hasText: problem })
    await expect(problems).toContainText(`Answered: ${note}`)
    const diff = inspector.getByRole('region', { name: /^Changes: Proposal to revision 1/ })
    await expect(diff.locator('.diff-line.removed')).toContainText(criticised)
    await expect(diff.locator('.diff-line.added')).toContainText(mended)
    await board.expectAccessible()
  })

  await test.step('it is accepted, then corrected, and both stay in its history', async () => {
    await board.outcome.getByRole('button', { name: /^Accept/ }).click()
    await expect(board.outcome.locator('.outcome-now')).toContainText('Accepted')
    await board.outcome.getByRole('button', { name: /^Correct/ }).click()
    const dialog = page.getByRole('dialog')
    const editor = dialog.getByRole('textbox', { name: 'The answer as it should be' })
    await editor.fill((await editor.inputValue()) + CORRECTION)
    await expect(dialog.locator('.diff-line.added').last()).toContainText(CORRECTION.trim())
    await board.expectAccessible()
    await dialog.getByRole('button', { name: /^Keep the correction/ }).click()
    await expect(dialog).toBeHidden()
    await expect(board.outcome.locator('.outcome-now')).toContainText('Corrected')
    await board.outcome.getByText(/1\s+earlier outcome/).click()
    await expect(board.outcome.getByRole('listitem')).toContainText('Accepted')
    await board.expectAccessible()
  })

  await test.step('the report and the data are saved as files', async () => {
    const report = await shell.save(() => board.more('Save as Markdown'))
    expect(basename(report)).toBe(`${first}.md`)
    const text = await readFile(report, 'utf8')
    for (const part of [TASK, criticised, mended, problem, CORRECTION.trim()]) expect(text).toContain(part)

    const data = await shell.save(() => board.more('Save as JSON'))
    expect(basename(data)).toBe(`${first}.json`)
    const { run } = deliberationExport.parse(JSON.parse(await readFile(data, 'utf8')))
    expect(run.row).toMatchObject({ task_id: first, status: 'COMPLETED' })
    expect(run.ranking.map((place) => place.score_source)).toEqual(['stated', 'stated', 'stated'])
    expect(run.outcomes.map(({ outcome }) => outcome.verdict)).toEqual(['accepted', 'corrected'])
    expect(new Set(run.calls.map((call) => call.served_model))).toEqual(new Set([SCRIPTED_MODEL]))
  })

  await test.step('it is run again without critique', async () => {
    await page.getByRole('button', { name: /^Re-run with/ }).click()
    await expect(page.getByText(/nothing is changed/)).toBeVisible()
    await launch.fill(TASK, 0)
    await expect(page.getByText(/1\s+setting differs: Rounds 1 → 0/)).toBeVisible()
    await launch.expectAccessible()
    second = await launch.launch()
    expect(second).not.toBe(first)
    await expect(board.result).toBeVisible()
    await expect(board.result).toContainText(criticised)
  })

  await test.step('the two runs stand side by side', async () => {
    await page.getByRole('button', { name: /^Compare/ }).click()
    const compare = new ComparePage(page)
    await expect(compare.heading).toContainText('B scores higher')
    await expect(compare.row('Settings that differ', 'Rounds').getByRole('cell')).toHaveText(['0', '1', ''])
    await expect(compare.row('Scores of the winners', 'Rubric').getByRole('cell')).toHaveText(['0.60', '0.90', '+0.30'])
    await expect(compare.row('What came of it', 'Outcome')).toContainText('Corrected')
    await expect(page.getByRole('region', { name: /^Changes/ })).toContainText(mended)
    await compare.expectAccessible()
  })

  await test.step('the first is archived, leaves the list, and is found again', async () => {
    await board.goTo(`/local/deliberations/${first}`)
    await expect(board.outcome).toContainText('Corrected')
    await board.more('Archive')
    await expect(page.getByText('Archived: out of the default list')).toBeVisible()
    await runs.open('Deliberations')
    await expect(runs.rows).toHaveCount(1)
    await runs.search(first)
    await expect(page.getByText(`No run matches “${first}”`)).toBeVisible()
    await runs.search(`${first} archived:yes`)
    await expect(runs.rows).toHaveCount(1)
    await expect(runs.rows).toContainText(TASK)
    await runs.expectAccessible()
    await runs.rows.click()
    await expect(page).toHaveURL(new RegExp(`/local/deliberations/${first}$`))
    await expect(board.outcome).toContainText('Corrected')
  })

  await endpoint.stop()
  expect(shell.faults).toEqual([])
})
