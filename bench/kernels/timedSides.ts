import { load, type PairedResult, pairedRuns } from '../pairedRuns.ts'
import type { KernelSide, OneChoice } from './kernelPageApi.ts'
import type { OpenedKernelPage } from './openKernelPage.ts'

/** How long a turn takes at least, ms; a side that takes longer for one run has turns of one run. */
export interface TurnLength {
  turnMs: number
  rounds: number
}

/**
 * Times sides of one kernel, shape and seed in turns of one page. Figures are runs/s. A peer that cannot run here, or gives
 * a wrong result, is named and left out.
 * @throws Error when a side of Opentab's gives a wrong result
 */
export async function timedSides(
  page: OpenedKernelPage,
  sides: ReadonlyMap<string, KernelSide>,
  { turnMs, rounds }: TurnLength,
): Promise<PairedResult[]> {
  const turns: Record<string, () => Promise<number>> = {}
  try {
    for (const [name, side] of sides) {
      let inWords: string
      try {
        inWords = await page.prepare(name, side)
      } catch (error) {
        if (side.by === 'opentab') throw error
        process.stderr.write(`LEFT OUT ${name}: ${error instanceof Error ? error.message : String(error)}\n`)
        continue
      }
      const times = Math.max(1, Math.ceil(turnMs / (await page.turn(name, 1))))
      process.stderr.write(`${name}: ${inWords}, ${times} runs a turn; load ${load()}\n`)
      turns[name] = async () => (1000 * times) / (await page.turn(name, times))
    }
    return await pairedRuns(turns, rounds)
  } finally {
    for (const name of Object.keys(turns)) await page.release(name)
  }
}

/** The fastest of some choices, each timed alone: the least of three turns counts. */
export async function bestChoice(
  page: OpenedKernelPage,
  side: Omit<KernelSide & { by: 'opentab' }, 'by' | 'choice'>,
  choices: readonly OneChoice[],
  turnMs: number,
): Promise<OneChoice> {
  let best: { choice: OneChoice; ms: number } | null = null
  for (const choice of choices) {
    await page.prepare('tried', { ...side, by: 'opentab', choice })
    const once = await page.turn('tried', 1)
    const times = Math.max(1, Math.ceil(turnMs / once))
    let ms = once
    // A loser is seen at once: nothing that takes twice as long is timed again.
    for (let turn = 0; turn < 3 && ms < 2 * (best?.ms ?? ms); turn++) {
      ms = Math.min(ms, (await page.turn('tried', times)) / times)
    }
    await page.release('tried')
    if (best === null || ms < best.ms) best = { choice, ms }
  }
  if (best === null) throw new Error(`${side.kernel} has no such variant on this device.`)
  return best.choice
}
