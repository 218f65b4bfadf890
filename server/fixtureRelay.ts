import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SimulatedTab, type SimulatedTabOptions } from '../bench/simulatedTab.ts'
import { type Config, readConfig } from './config.ts'
import { createRelay, type Relay, type RelayOptions } from './createRelay.ts'
import type { JobView } from './jobs/jobView.ts'

/** An answer with its body read. */
export interface Answer {
  status: number
  headers: Headers
  text: string
  /** The body as JSON; undefined when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies field by field and compare what they find.
  json: any
}

export const ADMIN_TOKEN = 'token-of-the-tests'

/** A relay on a free port over a data folder of its own, for tests. */
export class FixtureRelay {
  readonly relay: Relay
  readonly config: Config
  readonly url: string
  readonly #tabs: SimulatedTab[] = []

  private constructor(relay: Relay, config: Config) {
    this.relay = relay
    this.config = config
    this.url = relay.url
  }

  /** Starts it. `settings`: as in the configuration table, as text. */
  static async open(
    settings: Record<string, string> = {},
    options: RelayOptions = {},
  ): Promise<FixtureRelay> {
    const env = Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [`OPENTAB_${name}`, value]),
    )
    const config = readConfig({
      OPENTAB_PORT: '0',
      OPENTAB_DATA: settings.DATA ?? newDataFolder(),
      OPENTAB_ADMIN_TOKEN: ADMIN_TOKEN,
      ...env,
    })
    return new FixtureRelay(await createRelay(config, options), config)
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const raw = body instanceof Uint8Array || typeof body === 'string'
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...(body === undefined || raw ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined
        ? {}
        : { body: raw ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
    })
    const text = await answer.text()
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      json = undefined
    }
    return { status: answer.status, headers: answer.headers, text, json }
  }

  get(path: string, headers?: Record<string, string>): Promise<Answer> {
    return this.call('GET', path, undefined, headers)
  }

  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.call('POST', path, body, headers)
  }

  /** A call behind the admin token. */
  admin(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.call(method, path, body, { authorization: `Bearer ${ADMIN_TOKEN}` })
  }

  /** A tab without a browser, greeted. */
  async tab(address: string, options: Partial<SimulatedTabOptions> = {}): Promise<SimulatedTab> {
    const tab = this.connect(address, options)
    await tab.greeted
    return tab
  }

  connect(address: string, options: Partial<SimulatedTabOptions> = {}): SimulatedTab {
    const tab = new SimulatedTab({ relayUrl: this.url, address, ...options })
    this.#tabs.push(tab)
    return tab
  }

  /** Takes a job and gives its id. */
  async submit(body: unknown, headers?: Record<string, string>): Promise<string> {
    const answer = await this.post('/v1/jobs', body, headers)
    if (answer.status !== 202) throw new Error(`${answer.status} ${answer.text}`)
    return answer.json.id as string
  }

  /** Waits for a job's end by its events, and gives it. */
  async ended(id: string, headers?: Record<string, string>): Promise<JobView> {
    const { text } = await this.get(`/v1/jobs/${id}/events`, headers)
    const events = text.trim().split('\n\n')
    return JSON.parse(events.at(-1)!.split('\ndata: ')[1]!) as JobView
  }

  /** Asks again until the answer pleases; the relay's own time limits end it. */
  async until(path: string, pleases: (answer: Answer) => boolean): Promise<Answer> {
    for (let tries = 0; tries < 2000; tries++) {
      const answer = await this.get(path)
      if (pleases(answer)) return answer
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    throw new Error(`${path} never pleased`)
  }

  /** Ends relay and tabs; `keepData` leaves the folder for another relay. */
  async close({ keepData = false } = {}): Promise<void> {
    for (const tab of this.#tabs) tab.vanish()
    await this.relay.close()
    if (!keepData) rmSync(this.config.DATA, { recursive: true, force: true })
  }
}

export const newDataFolder = (): string => mkdtempSync(join(tmpdir(), 'opentab-relay-'))

/** A kernel job of one small product, which Freivalds checks at once. */
export const smallProduct = (seed = 1, size = 4) => ({
  kind: 'kernel',
  kernel: 'matmul-i8',
  shape: { m: size, k: size, n: size },
  seed,
})
