import type { Locator } from '@playwright/test'
import { ConsolePage } from './console-page.ts'

export class BoardPage extends ConsolePage {
  get cards(): Locator {
    return this.page.getByRole('article')
  }

  card(agentId: string): Locator {
    return this.page.getByRole('article', { name: agentId })
  }

  /** Text that is being written now, whichever agent writes it. */
  get liveTexts(): Locator {
    return this.page.locator('.live-text')
  }

  get result(): Locator {
    return this.page.getByRole('region', { name: 'Result', exact: true })
  }

  /** The details of the agent that is chosen. */
  get inspector(): Locator {
    return this.page.getByRole('complementary', { name: /^agent-/ })
  }

  get outcome(): Locator {
    return this.page.getByRole('region', { name: 'Outcome', exact: true })
  }

  get taskId(): string {
    return new URL(this.page.url()).pathname.split('/').at(-1) ?? ''
  }

  /** Chooses what stands behind the button with the three dots. */
  async more(item: string): Promise<void> {
    await this.page.getByRole('button', { name: 'More', exact: true }).click()
    await this.page.getByRole('menuitem', { name: item }).click()
  }

  get ranking(): Locator {
    return this.page.getByRole('table', { name: 'Ranking', exact: true })
  }
}
