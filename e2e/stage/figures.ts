import type { Page } from 'playwright-core'

/** Micro-credits of a figure on the page (“Pending”, “Settled”), read from its exact tooltip; null while it has none. */
export async function microCreditsShown(page: Page, label: string): Promise<number | null> {
  const figure = page.locator('.figures > div', { hasText: label }).locator('dd')
  const exact = await figure.getAttribute('title')
  const credits = /^[\d,]+\.\d{6}/.exec(exact ?? '')?.[0].replaceAll(',', '')
  return credits === undefined ? null : Math.round(Number(credits) * 1e6)
}
