import { expect, type Locator } from '@playwright/test'
import { ConsolePage } from './console-page.ts'

export class LaunchPage extends ConsolePage {
  async fill(task: string, rounds: number): Promise<void> {
    await this.task.fill(task)
    await this.page.getByRole('textbox', { name: /^Rounds/ }).fill(String(rounds))
  }

  /** Keeps the form as a template. */
  async keepAsTemplate(title: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Save as a template…' }).click()
    const name = this.page.getByRole('textbox', { name: 'Name', exact: true })
    await name.fill(title)
    await name.press('Enter')
    await expect(name).toBeHidden()
  }

  /** Fills the form, which has a task already, from a template, with these words for what it has in braces. */
  async useTemplate(title: string, words: Readonly<Record<string, string>>): Promise<void> {
    await this.page.getByRole('button', { name: 'Show', exact: true }).click()
    await this.page.getByRole('button', { name: new RegExp(`^${title}`) }).click()
    for (const [name, word] of Object.entries(words)) await this.page.getByRole('textbox', { name, exact: true }).fill(word)
    await this.page.getByRole('button', { name: 'Fill in', exact: true }).click()
  }

  get task(): Locator {
    return this.page.getByRole('textbox', { name: /^Task/ })
  }

  /** How long each text may be, in tokens, and how long a call and the run may take. */
  async limit(limits: { readonly tokens: number; readonly callSeconds: number; readonly runSeconds: number }): Promise<void> {
    const field = (name: string) => this.page.getByRole('textbox', { name, exact: true })
    await field('Length of a text').fill(String(limits.tokens))
    await field('Call timeout').fill(String(limits.callSeconds))
    await field('Time limit').fill(String(limits.runSeconds))
  }

  /** Leaves only the first criterion of the rubric. */
  async judgeByOneCriterion(): Promise<void> {
    const removes = this.page.getByRole('button', { name: /^Remove criterion/ })
    await expect(removes.first()).toBeVisible()
    for (let left = await removes.count(); left > 1; left--) {
      await removes.last().click()
      await expect(removes).toHaveCount(left - 1)
    }
  }

  /** Gives every agent this model. */
  async chooseModel(label: string): Promise<void> {
    const first = this.page.getByRole('combobox', { name: 'Model of agent-001' })
    await first.click()
    await this.page.getByRole('option', { name: label }).click()
    await expect(first).toHaveValue(label)
    const others = this.page.getByRole('button', { name: /Give all agents the first one/ })
    if (await others.isVisible()) await others.click()
    await expect(others).toBeHidden()
  }

  /** Launches by keyboard and waits for the run's page. Resolves to the run's id. */
  async launch(): Promise<string> {
    await expect(this.page.getByRole('button', { name: /^Launch/ })).toBeEnabled({ timeout: 60_000 })
    await this.page.keyboard.press('Control+Enter')
    await this.page.waitForURL(/\/local\/deliberations\/dlb-/, { timeout: 30_000 })
    return new URL(this.page.url()).pathname.split('/').at(-1) ?? ''
  }
}
