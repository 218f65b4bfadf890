import type { Browser } from 'playwright-core'
import type { Fault } from '../../worker/link/linkApi.ts'
import { addressOf, PRESS_START, READY_MS, until } from '../tabs/contributor.ts'
import { openQuietPage } from '../tabs/quietPage.ts'
import { BENCH_MODEL } from './benchModel.ts'

/** A contributor tab that gives memory to language models. */
export interface ChatTab {
  address: string
  /** Only at a relay in test mode. */
  fault(name: Fault): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the contribute page, unwatched, presses Start, and waits until the tab has loaded what the relay wants it to
 * hold of the benchmarks' model.
 * @param models what it must hold before it counts as ready
 */
export async function openChatTab(
  browser: Browser,
  relayUrl: string,
  index: number,
  memoryMegabytes: number,
  models: readonly string[] = [BENCH_MODEL],
): Promise<ChatTab> {
  const address = addressOf(index)
  const page = await openQuietPage(browser, `${relayUrl}/?address=${address}&memory=${memoryMegabytes}`)
  const evaluate = (expression: string): Promise<unknown> => page.evaluate(expression).catch(() => false)
  await until(async () => (await evaluate(PRESS_START)) === true, READY_MS, 'the Start button', 100)
  const holds = async (): Promise<boolean> => {
    const { tabs } = (await (await fetch(`${relayUrl}/v1/network`)).json()) as {
      tabs: { address: string; state: string; models: string[] }[]
    }
    const own = tabs.find((tab) => tab.address.toLowerCase() === address)
    return own?.state === 'idle' && models.every((model) => own.models.includes(model))
  }
  await until(holds, READY_MS, `the tab of ${address} to hold ${BENCH_MODEL}`, 50)
  return {
    address,
    async fault(name) {
      await page.evaluate(`globalThis.opentabTab.fault(${JSON.stringify(name)})`)
    },
    close: () => page.close(),
  }
}
