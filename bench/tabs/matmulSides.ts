import type { BareKernels } from './bare/bareWorker.ts'
import { until } from './contributor.ts'

/** Sizes to choose from; the largest result is 64 MiB, the most that a kernel job may have. */
const SIZES = [256, 384, 512, 640, 768, 896, 1024, 1280, 1536, 2048, 3072, 4096]
/** Tasks that the tab's compute worker has at once: one computes, one is prepared. The bare worker gets the same. */
const AHEAD = 2
/** Tasks at the start of each turn that are not timed. */
const WARM_UP = 3
/** How often the account is looked at, ms: an error of at most 1 % of a turn, and little of the processor's time. */
const LOOK_EVERY_MS = 50
/** Longest time one turn may take, ms. */
const TURN_MS = 300_000

/** How long one product takes in the bare worker in steady state, ms. */
export async function bareTaskMs(bare: BareKernels, size: number, tasks: number): Promise<number> {
  return (await bare.run({ size, tasks, warmUp: WARM_UP, ahead: AHEAD, seed: 1 })) / tasks
}

/** The smallest size of which one product takes at least `leastMs` in the bare worker here. */
export async function sizeOfAtLeast(bare: BareKernels, leastMs: number): Promise<number> {
  for (const size of SIZES) if ((await bareTaskMs(bare, size, 5)) >= leastMs) return size
  throw new Error(
    `A product of ${SIZES.at(-1)} takes less than ${leastMs} ms here: there are no larger ones.`,
  )
}

let seed = 1000

/** Tasks/s of the bare worker, `ahead` tasks at once. */
export const bareSide =
  (bare: BareKernels, size: number, tasks: number, ahead = AHEAD) =>
  async (): Promise<number> => {
    seed += tasks + WARM_UP
    return (1000 * tasks) / (await bare.run({ size, tasks, warmUp: WARM_UP, ahead, seed }))
  }

/**
 * Tasks/s through the relay and the tab of that address: from the credit for the last of the first three tasks to the
 * credit for the last task, so that every one of them was leased, computed, sent, checked by Freivalds and paid.
 */
export const relaySide =
  (relayUrl: string, address: string, size: number, tasks: number) => async (): Promise<number> => {
    const completed = async (): Promise<number> => {
      const account = await (await fetch(`${relayUrl}/v1/accounts/${address}`)).json()
      const { completed, rejected } = (account as { tasks: { completed: number; rejected: number } }).tasks
      if (rejected > 0) throw new Error(`${rejected} results of ${address} were rejected.`)
      return completed
    }
    const before = await completed()
    seed += tasks + WARM_UP
    const answer = await fetch(`${relayUrl}/v1/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        kind: 'batch',
        tasks: Array.from({ length: WARM_UP + tasks }, (_, index) => ({
          kind: 'kernel',
          kernel: 'matmul-i8',
          shape: { m: size, k: size, n: size },
          seed: seed + index,
        })),
      }),
    })
    if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`)
    let warm = { at: 0, tasks: 0 }
    await until(
      async () => {
        const done = (await completed()) - before
        if (warm.tasks === 0 && done >= WARM_UP) warm = { at: performance.now(), tasks: done }
        return done >= WARM_UP + tasks
      },
      TURN_MS,
      `${tasks} products of ${size}`,
      LOOK_EVERY_MS,
    )
    return (1000 * (WARM_UP + tasks - warm.tasks)) / (performance.now() - warm.at)
  }
