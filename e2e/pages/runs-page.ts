import type { Locator } from '@playwright/test'
import { ConsolePage } from './console-page.ts'

/** The list of deliberations. */
export class RunsPage extends ConsolePage {
  get rows(): Locator {
    return this.page.getByRole('table', { name: 'Deliberations' }).locator('tr.acts')
  }

  async search(query: string): Promise<void> {
    await this.page.getByRole('searchbox', { name: /^Filter/ }).fill(query)
  }
}
