import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import type { Fault } from '../../worker/link/linkApi.ts'
import type { TabState } from '../../worker/link/tabApi.ts'
import { patienceMs } from './patienceMs.ts'

/** Addresses of the stories' people, EIP-55. */
export const ada = '0x52908400098527886E0F7030069857D2E4169EE7'
export const ben = '0x8617E340B3D01FA5F11F306F4090FD50E238070D'
export const eve = '0xde709f2102306220921060314715629080e2fb77'

/** A person with the contribute page open. */
export interface Contributor {
  page: Page
  /** Types the address and presses Start. */
  start(address: string): Promise<void>
  button(name: 'Start' | 'Pause' | 'Resume' | 'Finish' | 'Stop'): ReturnType<Page['getByRole']>
  /** What the state line says now. */
  sentence(): Promise<string>
  /** Waits until the page shows the state. */
  shows(state: TabState['name']): Promise<void>
  /** Waits until the state line says so. */
  says(text: string | RegExp): Promise<void>
  /** Switches a fault of the tests on. */
  fault(name: Fault): Promise<void>
}

/** A browser profile of its own, that ends with the story. */
export async function newProfile(
  browser: Browser,
  relayUrl: string,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: relayUrl, ...options })
  context.setDefaultTimeout(patienceMs)
  return context
}

/** Opens the contribute page in a new tab of the profile. Nothing is started. */
export async function openContribute(context: BrowserContext, path = '/'): Promise<Contributor> {
  const page = await context.newPage()
  await page.goto(path)
  const state = page.locator('.state')
  await state.waitFor()
  const button: Contributor['button'] = (name) => page.getByRole('button', { name, exact: true })
  const sentence = async () => (await page.locator('.state-text').textContent()) ?? ''
  return {
    page,
    button,
    sentence,
    async start(address) {
      await page.getByLabel('Wallet address').fill(address)
      await button('Start').click()
    },
    async shows(name) {
      await page
        .locator(`.state[data-state="${name}"]`)
        .waitFor()
        .catch(async () => {
          throw new Error(`The page does not come to show ${name}. It says: ${await sentence()}`)
        })
    },
    async says(text) {
      await page
        .locator('.state-text', { hasText: text })
        .waitFor()
        .catch(async () => {
          throw new Error(`The page does not come to say ${text}. It says: ${await sentence()}`)
        })
    },
    async fault(name) {
      // The tab is there once Start has fetched its code.
      await page.waitForFunction('globalThis.opentabTab !== undefined')
      await page.evaluate((fault) => Reflect.get(globalThis, 'opentabTab').fault(fault), name)
    },
  }
}
