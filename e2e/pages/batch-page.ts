import type { Locator } from '@playwright/test'
import { ConsolePage } from './console-page.ts'

export class BatchPage extends ConsolePage {
  get requests(): Locator {
    return this.page.getByRole('table', { name: 'Requests' })
  }

  get stages(): Locator {
    return this.page.getByRole('list', { name: 'Stages' })
  }

  /** Asks for one of the files; it is saved as a download. */
  async download(words: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Download' }).click()
    await this.page.getByRole('menuitem', { name: words, exact: true }).click()
  }
}
