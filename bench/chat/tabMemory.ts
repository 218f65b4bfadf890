import { chromium } from 'playwright-core'
import { chromiumArgs } from '../../cli/chromiumArgs.ts'
import { findChromium } from '../../cli/findChromium.ts'
import { medianOf } from '../../protocol/medianOf.ts'
import { rounded } from '../benchReport.ts'
import { openBareChat } from './bareSides.ts'
import type { BenchModel } from './benchModel.ts'
import type { Measured } from './oneTab.ts'
import { memoryOfTree } from './processMemory.ts'

/** The stage with the ten middle layers. */
const MIDDLE = { first: 1, last: 1 }

/** What ten middle layers take in a page: memory beyond an empty one, and the time from the store to ready. */
export async function measureTabMemory(bench: BenchModel, rounds: number): Promise<Measured> {
  const [memory, loads]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const executablePath = findChromium()
    const server = await chromium.launchServer({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: [...chromiumArgs],
    })
    const browser = await chromium.connect(server.wsEndpoint())
    const empty = await browser.newPage()
    await empty.goto('about:blank')
    const pid = server.process().pid!
    const before = memoryOfTree(pid)
    const page = await openBareChat(browser, bench, 1, MIDDLE)
    memory.push((memoryOfTree(pid) - before) / 1e6)
    loads.push(page.loadMs)
    await page.close()
    await server.close()
  }
  return {
    rows: [
      {
        side: 'ten middle layers in a page, beyond an empty one',
        MB: rounded(medianOf(memory)),
        all: memory.map((mb) => rounded(mb)).join(' '),
      },
      {
        side: 'ten middle layers, store to ready',
        ms: Math.round(medianOf(loads)),
        all: loads.map((ms) => Math.round(ms)).join(' '),
      },
    ],
    ratios: {},
  }
}
