import type { BrowserContext, Page } from 'playwright-core'
import { chromiumArgs } from './chromiumArgs.ts'
import { findChromium } from './findChromium.ts'

/** How long a page may take to load and to show its Start button, ms. */
const LOAD_MS = 30_000
/** How long the tasks in hand may take after Finish, ms. */
const FINISH_MS = 60_000

/** Label of the switch, as `panel.customKernels` in web/text/enPanel.ts has it. */
const CUSTOM_KERNELS_SWITCH = 'Run programs that developers send'

export interface TabBrowserOptions {
  /** URL of the relay whose page is opened. */
  relayUrl: string
  /** With a window. */
  headed?: boolean
}

export interface OpenTabOptions {
  /** The payee. */
  address: string
  /** Memory for language models, megabytes; the page's own choice when not given. */
  memoryMegabytes?: number | undefined
  /** Whether programs that developers send may run: the page's switch, off by default. */
  customKernels?: boolean | undefined
  /** Whether Start is pressed; true when not given. */
  start?: boolean
  /** Called with each new state: its name (as in `data-state`) and the page's sentence. */
  onState?: (name: string, sentence: string) => void
}

/** One contributor tab in a real browser. */
export interface OpenedTab {
  address: string
  page: Page
  /** Name of the state that the page shows last, e.g. `working`. */
  state(): string
  /** Resolves when the tab stopped for good, or its page is gone. */
  ended: Promise<void>
  /** Resolves when the page shows one of the states. @throws Error when it does not in time */
  reaches(states: readonly string[], withinMs: number): Promise<string>
  /** Presses a button by its accessible name. */
  press(button: 'Start' | 'Pause' | 'Resume' | 'Finish' | 'Stop'): Promise<void>
  /** Presses Finish and waits until the task in hand is done. */
  finish(): Promise<void>
  /** Ends the page's process without a word, as a crash or a pulled plug does. */
  kill(): Promise<void>
  /** Closes the tab as a person does. */
  close(): Promise<void>
}

/** A browser whose tabs work for one relay; they share its storage, as the tabs of one person do. */
export interface TabBrowser {
  openTab(options: OpenTabOptions): Promise<OpenedTab>
  /** Resolves when the browser is gone, whoever ended it. */
  gone: Promise<void>
  close(): Promise<void>
}

/** Starts a Chromium for contributor tabs. @throws Error when there is no browser */
export async function openTabBrowser(options: TabBrowserOptions): Promise<TabBrowser> {
  const executablePath = findChromium()
  if (executablePath === undefined) {
    throw new Error('There is no Chrome or Chromium here. Set OPENTAB_CHROMIUM to one.')
  }
  const { chromium } = await import('playwright-core')
  const browser = await chromium.launch({
    executablePath,
    headless: options.headed !== true,
    args: [...chromiumArgs],
    // This process decides when the browser ends: after the task in hand.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  })
  const context = await browser.newContext({ locale: 'en-US' })
  return {
    openTab: (tab) => openTab(context, options.relayUrl, tab),
    gone: new Promise((resolve) => browser.once('disconnected', () => resolve())),
    close: () => browser.close(),
  }
}

async function openTab(
  context: BrowserContext,
  relayUrl: string,
  { address, memoryMegabytes, customKernels = false, start = true, onState }: OpenTabOptions,
): Promise<OpenedTab> {
  const page = await context.newPage()
  const watch = await watchStates(page, onState)
  const tab: OpenedTab = {
    address,
    page,
    state: watch.state,
    reaches: watch.reaches,
    ended: watch.ended,
    async press(button) {
      await page.getByRole('button', { name: button, exact: true }).click({ timeout: LOAD_MS })
    },
    async finish() {
      if (atRest.has(watch.state())) return
      await tab.press('Finish')
      await watch.reaches([...atRest], FINISH_MS)
    },
    async kill() {
      const session = await context.newCDPSession(page)
      const crashed = new Promise((resolve) => page.once('crash', resolve))
      // The answer never comes: what would send it is gone.
      session.send('Page.crash').catch(() => {})
      await crashed
      await page.close().catch(() => {})
    },
    close: () => page.close(),
  }
  const memory = memoryMegabytes === undefined ? '' : `&memory=${memoryMegabytes}`
  await page
    .goto(`${relayUrl}/?address=${address}${memory}`, { timeout: LOAD_MS })
    .catch((error: unknown) => {
      const why =
        error instanceof Error ? error.message.split('\n')[0]!.replace('page.goto: ', '') : String(error)
      throw new Error(`The page of ${relayUrl} cannot be opened: ${why}`)
    })
  if (customKernels) await page.getByLabel(CUSTOM_KERNELS_SWITCH).check({ timeout: LOAD_MS })
  if (start) await tab.press('Start')
  return tab
}

/** States in which a tab does no work any more. */
const atRest = new Set(['off', 'stopped'])

/** Runs in the page: reports the state's name and sentence whenever they change. */
const reportStates = `(() => {
  let before = ''
  const look = () => {
    const state = document.querySelector('[data-state]')
    if (!state) return
    const now = [state.dataset.state, state.querySelector('.state-text')?.textContent ?? '']
    if (now.join() !== before) opentabState(...now)
    before = now.join()
  }
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
})()`

async function watchStates(page: Page, onState: OpenTabOptions['onState']) {
  let last = 'off'
  const waiting = new Set<() => void>()
  const ended = new Promise<void>((resolve) => {
    waiting.add(() => last === 'stopped' && resolve())
    page.once('close', () => resolve())
    page.once('crash', () => resolve())
  })
  await page.exposeFunction('opentabState', (name: string, sentence: string) => {
    const changed = name !== last
    last = name
    if (changed) onState?.(name, sentence)
    for (const look of waiting) look()
  })
  await page.addInitScript(reportStates)
  return {
    state: () => last,
    ended,
    reaches: (states: readonly string[], withinMs: number) =>
      new Promise<string>((resolve, reject) => {
        const end = (): void => {
          clearTimeout(timer)
          waiting.delete(look)
          page.off('close', lost)
          page.off('crash', lost)
        }
        const look = (): void => {
          if (!states.includes(last)) return
          end()
          resolve(last)
        }
        const fail = (why: string): void => {
          end()
          reject(new Error(`The tab did not become ${states.join(' or ')}: ${why}; it is ${last}.`))
        }
        const lost = (): void => fail('its page is gone')
        const timer = setTimeout(() => fail(`${withinMs / 1000} s are over`), withinMs)
        waiting.add(look)
        page.on('close', lost)
        page.on('crash', lost)
        look()
      }),
  }
}
