import AxeBuilder from '@axe-core/playwright'
import { expect, type Locator, type Page } from '@playwright/test'

/** What operators do in any page of the console, by what they see. */
export class ConsolePage {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  get heading(): Locator {
    return this.page.getByRole('heading', { level: 1 })
  }

  /** Goes to a page by the rail. */
  async open(name: string): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click()
  }

  /** Goes to a route inside the page, as a link in it would. */
  async goTo(path: string): Promise<void> {
    await this.page.evaluate((to) => {
      window.history.pushState(null, '', to)
      window.dispatchEvent(new PopStateEvent('popstate'))
    }, path)
  }

  async useTheme(theme: 'light' | 'dark'): Promise<void> {
    await this.page.emulateMedia({ colorScheme: theme })
    await expect(this.page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme)
  }

  /** No accessibility fault in either theme, once what moves has come to rest. */
  async expectAccessible(): Promise<void> {
    // The window shows the same page in the same engine: there, the journey of a batch looks.
    if (this.page.url().startsWith('app:')) return
    for (const theme of ['light', 'dark'] as const) {
      await this.useTheme(theme)
      await expect
        .poll(() => this.accessibilityFaults(), { message: `${this.page.url()}, ${theme}`, timeout: 60_000 })
        .toEqual([])
    }
  }

  /** What axe finds on the page as it is now, in words. */
  async accessibilityFaults(): Promise<string[]> {
    // Legacy mode runs in the page itself: Electron opens no second page for the summary.
    const { violations } = await new AxeBuilder({ page: this.page }).setLegacyMode(true).analyze()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`)
  }
}
