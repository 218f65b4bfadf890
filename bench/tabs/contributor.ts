import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { chromiumArgs } from '../../cli/chromiumArgs.ts'
import { findChromium } from '../../cli/findChromium.ts'
import type { NetworkDocument } from '../../protocol/network.ts'
import { openQuietPage } from './quietPage.ts'

/** Longest time a tab may take to come up with its models, ms: the first load brings 60 MB and makes sessions. */
export const READY_MS = 120_000

/** Presses Start; false while the page has not taken the address from its URL. */
export const PRESS_START = `(() => {
  if (!document.getElementById('address')?.value) return false
  document.querySelector('button[type=submit]').click()
  return true
})()`

/** A headless Chromium with WebGPU, on a software adapter where there is no other. `flags` come behind the common ones. */
export function openBrowser(flags: readonly string[] = []): Promise<Browser> {
  const executablePath = findChromium()
  return chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [...chromiumArgs, ...flags],
  })
}

/** Contributor number `index`'s address. */
export const addressOf = (index: number): string => `0x${(index + 1).toString(16).padStart(40, '0')}`

/**
 * Opens the contribute page, unwatched, presses Start, and waits until the relay lists the tab as idle with every model.
 * @returns the address that it works for
 */
export async function openContributor(browser: Browser, relayUrl: string, index: number): Promise<string> {
  const address = addressOf(index)
  const page = await openQuietPage(browser, `${relayUrl}/?address=${address}`)
  // A page that has not begun to load has nothing to evaluate in.
  const pressed = () =>
    page.evaluate(PRESS_START).then(
      (found) => found === true,
      () => false,
    )
  await until(pressed, READY_MS, 'the Start button', 100)
  await until(() => isReady(relayUrl, address), READY_MS, `the tab of ${address} to be ready`)
  return address
}

/** The contribute page with the address filled in, before Start. */
export async function openPage(context: BrowserContext, relayUrl: string, address: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${relayUrl}/?address=${address}`)
  await page.getByRole('button', { name: 'Start' }).waitFor()
  return page
}

/** Whether the relay lists a tab of that address that waits for work and holds every model. */
export async function isReady(relayUrl: string, address: string): Promise<boolean> {
  const models = ((await (await fetch(`${relayUrl}/v1/models`)).json()) as { data: unknown[] }).data.length
  const { tabs } = (await (await fetch(`${relayUrl}/v1/network`)).json()) as NetworkDocument
  return tabs.some(
    (tab) => tab.address.toLowerCase() === address && tab.state === 'idle' && tab.models.length === models,
  )
}

/** Asks every `everyMs` until the answer is true. @throws Error after `limitMs`, naming what was waited for */
export async function until(
  ask: () => Promise<boolean>,
  limitMs: number,
  what: string,
  everyMs = 10,
): Promise<void> {
  const endAt = performance.now() + limitMs
  while (!(await ask())) {
    if (performance.now() > endAt) throw new Error(`Waited ${limitMs} ms for ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}
