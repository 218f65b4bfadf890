import { medianOf } from '../medianOf.ts'
import type { CompiledPrograms } from './compiledPrograms.ts'
import type { TimeRequest, Timing } from './labGpuApi.ts'
import { type PreparedPlan, preparePlan } from './preparePlan.ts'
import { scoped } from './scoped.ts'

/** Length of one measurement, ms: far over the 100 µs to which browsers round timestamps. */
const BLOCK_MS = 20
/** Most runs in one measurement. */
const MOST_RUNS = 2000
const ROUNDS = { least: 3, most: 31 }

/**
 * Times plans that take turns, block by block, after one unmeasured run of each.
 * @param budgetMs about how long all of it may take; every plan gets three measurements at least
 * @throws StepFailed
 */
export async function timePlans(
  device: GPUDevice,
  programs: CompiledPrograms,
  requests: readonly TimeRequest[],
  budgetMs: number,
): Promise<Timing[]> {
  const clock = createClock(device)
  const prepared: PreparedPlan[] = []
  try {
    for (const { plan, inputs } of requests) {
      const made = await preparePlan(device, programs, plan)
      prepared.push(made)
      made.fill(inputs)
    }
    const runsEach: number[] = []
    for (const made of prepared) {
      await scoped(device, { step: 'dispatch' }, () => clock.measure(made, 1))
      const onceMs = await clock.measure(made, 1)
      // Many short runs look longer when one is submitted alone: ask again with a few.
      const few = Math.min(MOST_RUNS, Math.max(1, Math.round(BLOCK_MS / 4 / Math.max(onceMs, 0.005))))
      const ms = few === 1 ? onceMs : (await clock.measure(made, few)) / few
      runsEach.push(Math.min(MOST_RUNS, Math.max(1, Math.round(BLOCK_MS / Math.max(ms, 0.002)))))
    }
    const samples: number[][] = prepared.map(() => [])
    const endsAt = performance.now() + budgetMs
    for (let round = 0; round < ROUNDS.most; round++) {
      if (round >= ROUNDS.least && performance.now() > endsAt) break
      for (const [at, made] of prepared.entries()) {
        const runs = runsEach[at]!
        samples[at]!.push((await clock.measure(made, runs)) / runs)
      }
    }
    return samples.map((times, at) => {
      const medianMs = medianOf(times)
      const madMs = medianOf(times.map((ms) => Math.abs(ms - medianMs)))
      return { method: clock.method, medianMs, madMs, n: times.length, runsEach: runsEach[at]! }
    })
  } finally {
    for (const made of prepared) made.destroy()
    clock.destroy()
  }
}

interface Clock {
  method: Timing['method']
  /** Time of a number of runs in one submit, ms. */
  measure(plan: PreparedPlan, runs: number): Promise<number>
  destroy(): void
}

function createClock(device: GPUDevice): Clock {
  const encode = (plan: PreparedPlan, runs: number, timestampWrites?: GPUComputePassTimestampWrites) => {
    const encoder = device.createCommandEncoder()
    const computing = encoder.beginComputePass(timestampWrites && { timestampWrites })
    for (let run = 0; run < runs; run++) plan.encode(computing)
    computing.end()
    return encoder
  }
  if (!device.features.has('timestamp-query')) {
    return {
      method: 'wall',
      async measure(plan, runs) {
        const commands = encode(plan, runs).finish()
        const startMs = performance.now()
        device.queue.submit([commands])
        await device.queue.onSubmittedWorkDone()
        return performance.now() - startMs
      },
      destroy: () => {},
    }
  }
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 })
  const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage
  const resolved = device.createBuffer({ size: 16, usage: QUERY_RESOLVE | COPY_SRC })
  const readable = device.createBuffer({ size: 16, usage: COPY_DST | MAP_READ })
  return {
    method: 'timestamps',
    async measure(plan, runs) {
      const encoder = encode(plan, runs, { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 })
      encoder.resolveQuerySet(querySet, 0, 2, resolved, 0)
      encoder.copyBufferToBuffer(resolved, 0, readable, 0, 16)
      device.queue.submit([encoder.finish()])
      await readable.mapAsync(GPUMapMode.READ)
      const [begun = 0n, ended = 0n] = new BigUint64Array(readable.getMappedRange())
      const ns = Number(ended - begun)
      readable.unmap()
      return ns / 1e6
    },
    destroy() {
      querySet.destroy()
      resolved.destroy()
      readable.destroy()
    },
  }
}
