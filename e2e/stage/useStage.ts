import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, inject, onTestFailed } from 'vitest'
import { newProfile } from './contributor.ts'
import { type RelayProcess, type RelayProcessOptions, startRelayProcess } from './relayProcess.ts'
import { createRequester, type Requester } from './requester.ts'

/** What every story plays on: one relay of its own, the shared browser, and someone who asks. */
export interface Stage {
  relay: RelayProcess
  browser: Browser
  ask: Requester
  /** A browser profile of its own; closed after the test, or after all of them where it was made before them. */
  profile(options?: BrowserContextOptions): Promise<BrowserContext>
}

/** Sets the stage for the stories of one file. The object is filled before the first test. */
export function useStage(options: RelayProcessOptions = {}): Stage {
  let relay: RelayProcess | null = null
  let browser: Browser | null = null
  const contexts: BrowserContext[] = []
  /** Contexts that were made before the tests. */
  let lasting = 0
  const said: string[] = []

  const hear = (page: Page) => {
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') said.push(`page: ${message.text()}`)
    })
    page.on('pageerror', (error) => said.push(`page: ${error.stack}`))
    page.on('crash', () => said.push('page: crashed'))
  }
  beforeAll(async () => {
    const opened = await Promise.all([
      startRelayProcess(options),
      chromium.connect(inject('browserEndpoint')),
    ])
    ;[relay, browser] = opened
  })
  beforeEach(() => {
    lasting = contexts.length
    said.length = 0
    onTestFailed(() => {
      process.stderr.write(`${said.join('\n')}\nThe relay's log:\n${relay?.log() ?? ''}\n`)
    })
  })
  afterEach(async () => {
    await Promise.all(contexts.splice(lasting).map((context) => context.close()))
  })
  afterAll(async () => {
    await browser?.close()
    await relay?.remove()
  })

  const there = <T>(value: T | null): T => {
    if (value === null) throw new Error('The stage is set in beforeAll; use it in tests only.')
    return value
  }
  return {
    get relay() {
      return there(relay)
    },
    get browser() {
      return there(browser)
    },
    get ask() {
      return createRequester(there(relay).url)
    },
    async profile(more) {
      const context = await newProfile(there(browser), there(relay).url, more)
      contexts.push(context)
      context.on('page', hear)
      return context
    },
  }
}
