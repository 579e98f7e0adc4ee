import { expect, type Locator } from '@playwright/test'
import { ConsolePage } from './console-page.ts'

export class ModelsPage extends ConsolePage {
  engine(name: string): Locator {
    return this.page.getByRole('table', { name: 'Engines' }).getByRole('row').filter({ hasText: name })
  }

  /** Adds an endpoint as an operator does: typed in, tested, kept. */
  async addEndpoint(name: string, baseUrl: string): Promise<void> {
    await this.page
      .getByRole('button', { name: /^Add an endpoint/ })
      .first()
      .click()
    const dialog = this.page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'Name' }).fill(name)
    await dialog.getByRole('textbox', { name: 'Base URL' }).fill(baseUrl)
    await dialog.getByRole('button', { name: 'Test' }).click()
    await expect(dialog.getByText(/It answers: 1\s+model/)).toBeVisible()
    await dialog.getByRole('button', { name: 'Add' }).click()
    await expect(dialog).toBeHidden()
    await expect(this.engine(name)).toContainText('Ready')
  }
}
