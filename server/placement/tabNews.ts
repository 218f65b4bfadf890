import type { ModelRegistry } from '../../models/modelRegistry.ts'
import type { Core } from '../core.ts'
import { assignModels } from './assignModels.ts'
import { reportFailedLoads } from './failedLoads.ts'
import { fillGaps } from './fillGaps.ts'
import type { Tab } from './tab.ts'

/** Verdicts are gathered this long before they go to their tab, ms. */
const VERDICTS_EVERY_MS = 40
/** Most verdicts in one message: keeps it far below the control message limit. */
const VERDICTS_A_MESSAGE = 256

/** Tells tabs what concerns them: models to hold, verdicts, credits. */
export class TabNews {
  readonly #core: Core
  readonly #registry: ModelRegistry
  #cancel: () => void
  /** Verdicts wait for the disk. */
  #sending = false
  /** Holders that were lost when gaps were last looked for. */
  #holdersLost = 0

  constructor(core: Core, registry: ModelRegistry) {
    this.#core = core
    this.#registry = registry
    const again = (): void => {
      this.#sendVerdicts()
      this.#fillGaps()
      this.#cancel = core.clock.after(VERDICTS_EVERY_MS, again)
    }
    this.#cancel = core.clock.after(VERDICTS_EVERY_MS, again)
  }

  /** What a tab needs right after its hello. */
  greet(tab: Tab): void {
    this.#sendModels(tab)
    this.#tellGaps()
    this.#sendCredits(tab)
  }

  modelsChanged(): void {
    for (const tab of this.#core.tabs.values()) this.#sendModels(tab)
    this.#tellGaps()
  }

  /** What tabs held that have gone meanwhile, or were to hold and could not load, is given to others, where nobody else holds it. */
  #fillGaps(): void {
    if (this.#holdersLost === this.#core.holdersLost) return
    this.#holdersLost = this.#core.holdersLost
    reportFailedLoads(this.#core, this.#registry.list())
    this.#tellGaps()
  }

  #tellGaps(): void {
    for (const tab of fillGaps(this.#core, this.#registry.list())) this.#sendModels(tab)
  }

  /** Balances of these addresses changed. */
  credits(addresses: readonly string[]): void {
    const changed = new Set(addresses)
    for (const tab of this.#core.tabs.values()) if (changed.has(tab.address)) this.#sendCredits(tab)
  }

  #sendModels(tab: Tab): void {
    const { models, ranges } = assignModels(this.#core, tab, this.#registry.list())
    tab.link?.message({ type: 'models', models, ...(ranges.length === 0 ? {} : { ranges }) })
  }

  /** Nothing is told that a crash could take back: it waits for the commit of what it says. */
  #sendCredits(tab: Tab): void {
    const { pending, escrow, settled } = this.#core.ledger.credits(tab.address)
    const message = {
      type: 'credits',
      pending: String(pending),
      escrow: String(escrow),
      settled: String(settled),
    } as const
    this.#core.commit.after(() => tab.link?.message(message))
  }

  /** Sends the verdicts of now once they are on disk. */
  #sendVerdicts(): void {
    if (this.#sending) return
    const ready: { tab: Tab; count: number }[] = []
    for (const tab of this.#core.tabs.values()) {
      if (tab.verdicts.length === 0 || tab.link === null) continue
      ready.push({ tab, count: tab.verdicts.length })
    }
    if (ready.length === 0) return
    this.#sending = true
    this.#core.commit.after(() => {
      this.#sending = false
      for (const { tab, count } of ready) {
        // A tab that was cut off meanwhile gets them when it resumes.
        if (tab.link === null) continue
        const verdicts = tab.verdicts.splice(0, count)
        for (let i = 0; i < verdicts.length; i += VERDICTS_A_MESSAGE) {
          tab.link.message({ type: 'verdicts', items: verdicts.slice(i, i + VERDICTS_A_MESSAGE) })
        }
      }
    })
    for (const { tab } of ready) this.#sendCredits(tab)
  }

  stop(): void {
    this.#cancel()
    this.#sendVerdicts()
  }
}
