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

  get ranking(): Locator {
    return this.page.getByRole('table', { name: 'Ranking', exact: true })
  }
}
