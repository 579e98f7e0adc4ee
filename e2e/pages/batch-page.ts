import type { Locator } from '@playwright/test'
import { ConsolePage } from './console-page.ts'

export class BatchPage extends ConsolePage {
  get requests(): Locator {
    return this.page.getByRole('table', { name: 'Requests' })
  }

  get stages(): Locator {
    return this.page.getByRole('list', { name: 'Stages' })
  }

  /** Saves one of the files and resolves to its text. */
  async download(words: string): Promise<string> {
    const saved = this.page.waitForEvent('download')
    await this.page.getByRole('button', { name: 'Download' }).click()
    await this.page.getByRole('menuitem', { name: words, exact: true }).click()
    const stream = await (await saved).createReadStream()
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array))
    return Buffer.concat(chunks).toString('utf8')
  }
}
