import { expect } from '@playwright/test'
import { ConsolePage } from './console-page.ts'

export class LaunchPage extends ConsolePage {
  async fill(task: string, rounds: number): Promise<void> {
    await this.page.getByRole('textbox', { name: /^Task/ }).fill(task)
    await this.page.getByRole('textbox', { name: /^Rounds/ }).fill(String(rounds))
  }

  /** Launches by keyboard and waits for the run's page. Resolves to the run's id. */
  async launch(): Promise<string> {
    await expect(this.page.getByRole('button', { name: /^Launch/ })).toBeEnabled({ timeout: 60_000 })
    await this.page.keyboard.press('Control+Enter')
    await this.page.waitForURL(/\/local\/deliberations\/dlb-/, { timeout: 30_000 })
    return new URL(this.page.url()).pathname.split('/').at(-1) ?? ''
  }
}
