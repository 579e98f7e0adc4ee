import type { Locator } from '@playwright/test'
import { ConsolePage } from './console-page.ts'

export class ComparePage extends ConsolePage {
  /** The row of a measure or setting: its name, A, B and the difference. */
  row(table: 'Settings that differ' | 'What came of it' | 'Scores of the winners', name: string): Locator {
    const rows = this.page.getByRole('table', { name: table }).getByRole('row')
    return rows.filter({ has: this.page.getByRole('rowheader', { name, exact: true }) })
  }
}
