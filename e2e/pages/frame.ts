import type { Page } from '@playwright/test'

/** The frame around every page. */
export function frame(page: Page) {
  const bar = page.getByRole('region', { name: 'Console bar' })
  return {
    heading: page.getByRole('heading', { level: 1 }),
    navigation: page.getByRole('navigation', { name: 'Pages' }),
    live: bar.getByText('Live', { exact: true }),
    reconnecting: bar.getByText(/^Reconnecting/),
  }
}
