import { createDispatchClock, runsOfMeasurement } from '../../../engine/gpu/dispatchClock.ts'
import { medianOf } from '../../../protocol/medianOf.ts'
import type { CompiledPrograms } from './compiledPrograms.ts'
import type { TimeRequest, Timing } from './labGpuApi.ts'
import { type PreparedPlan, preparePlan } from './preparePlan.ts'
import { scoped } from './scoped.ts'

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
  const clock = createDispatchClock(device)
  const prepared: PreparedPlan[] = []
  try {
    for (const { plan, inputs } of requests) {
      const made = await preparePlan(device, programs, plan)
      prepared.push(made)
      made.fill(inputs)
    }
    const runsEach: number[] = []
    for (const made of prepared) {
      const measure = (runs: number): Promise<number> => clock.measure(made.encode, runs)
      await scoped(device, { step: 'dispatch' }, () => measure(1))
      runsEach.push(await runsOfMeasurement(measure))
    }
    const samples: number[][] = prepared.map(() => [])
    const endsAt = performance.now() + budgetMs
    for (let round = 0; round < ROUNDS.most; round++) {
      if (round >= ROUNDS.least && performance.now() > endsAt) break
      for (const [at, made] of prepared.entries()) {
        const runs = runsEach[at]!
        samples[at]!.push((await clock.measure(made.encode, runs)) / runs)
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
