import type { BareKernels } from './bare/bareWorker.ts'

/** Sizes to choose from; the largest result is 64 MiB, the most that a kernel job may have. */
const SIZES = [256, 384, 512, 640, 768, 896, 1024, 1280, 1536, 2048, 3072, 4096]
/** Tasks that the tab's compute worker has at once: one computes, one is prepared. The bare worker gets the same. */
const AHEAD = 2
/** Tasks at the start of each turn that are not timed. */
const WARM_UP = 3
/** Shortest and longest time between two looks at the account, ms: each costs the relay a millisecond. */
const [LEAST_LOOK_MS, MOST_LOOK_MS] = [10, 1000]
/** Longest time one turn may take, ms. */
const TURN_MS = 300_000

/** How long one product takes in the bare worker in steady state at best, ms: the best of three times five. */
export async function bareTaskMs(bare: BareKernels, size: number): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let time = 0; time < 3; time++) {
    const ms = await bare.run({ size, tasks: 5, warmUp: WARM_UP, ahead: AHEAD, seed: 1 })
    best = Math.min(best, ms / 5)
  }
  return best
}

/** The smallest size of which one product takes at least `leastMs` in the bare worker here. */
export async function sizeOfAtLeast(bare: BareKernels, leastMs: number): Promise<number> {
  for (const size of SIZES) if ((await bareTaskMs(bare, size)) >= leastMs) return size
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
    const total = WARM_UP + tasks
    const startedAt = performance.now()
    let warm = { at: 0, tasks: 0 }
    for (let done = 0; done < total; ) {
      await new Promise((resolve) => setTimeout(resolve, untilNextLookMs(done, total, startedAt)))
      done = (await completed()) - before
      if (warm.tasks === 0 && done >= WARM_UP) warm = { at: performance.now(), tasks: done }
      if (performance.now() - startedAt > TURN_MS)
        throw new Error(`${done} of ${total} products of ${size} were done in ${TURN_MS} ms.`)
    }
    return (1000 * (total - warm.tasks)) / (performance.now() - warm.at)
  }

/** Half of the time that what is left should take: few looks on the way, and close ones at both ends. */
function untilNextLookMs(done: number, total: number, startedAt: number): number {
  if (done < WARM_UP) return LEAST_LOOK_MS
  const taskMs = (performance.now() - startedAt) / done
  return Math.min(Math.max(((total - done) * taskMs) / 2, LEAST_LOOK_MS), MOST_LOOK_MS)
}
