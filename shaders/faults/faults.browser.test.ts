import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canRun } from '../../engine/gpu/chooseVariant.ts'
import { createKernelRunner } from '../../engine/gpu/kernelRunner.ts'
import { fillNewBuffers } from '../../engine/gpu/noisyBuffers.ts'
import { type OpenedDevice, openDevice } from '../../engine/gpu/openDevice.ts'
import { bandedCases, SMALLEST_SUBMIT_MS } from '../../engine/gpu/smallestBands.ts'
import type { KernelDescriptor, KernelVariant } from '../kernel.ts'
import { type KernelCase, type KernelSuite, mismatchOf } from '../kernelSuite.ts'
import { kernelSuites } from '../kernelSuites.ts'
import { type Fault, faults } from './faults.ts'

let opened: OpenedDevice
beforeAll(async () => {
  opened = await openDevice()
  fillNewBuffers(opened.device)
})
afterAll(() => opened?.device.destroy())

const titleOf = ({ program, right, wrong }: Fault) =>
  `${program}: ${JSON.stringify(right)} -> ${JSON.stringify(wrong)}`

for (const [name, ofKernel] of Map.groupBy(faults, ({ kernel }) => kernel)) {
  describe(name, () => {
    for (const fault of ofKernel) it(titleOf(fault), { timeout: 60_000 }, () => checkFault(fault))
  })
}

/** A variant of each family that has the fault must be told from a right one by the suite's cases. */
async function checkFault(fault: Fault): Promise<void> {
  const suite = kernelSuites.find(({ kernel }) => kernel.name === fault.kernel)!
  const broken = brokenBy(suite.kernel, fault)
  const variants = broken.variants.filter(
    (variant) =>
      canRun(variant, opened.info) &&
      !fault.harmlessIn?.includes(variant.name) &&
      variant.passes.some((pass) => pass.step === 'compute' && pass.programs.includes(fault.program)),
  )
  const ofFamilies = new Map(variants.map((variant) => [variant.family, variant]))
  expect(ofFamilies.size).toBeGreaterThan(0)
  const green: string[] = []
  for (const variant of ofFamilies.values()) {
    if ((await firstMismatch(suite, broken, variant)) === null) green.push(variant.name)
  }
  expect(green).toEqual([])
}

function brokenBy(kernel: KernelDescriptor, { program, right, wrong }: Fault): KernelDescriptor {
  const text = kernel.programs[program]!
  const parts = text.split(right)
  expect(parts).toHaveLength(2)
  return { ...kernel, programs: { ...kernel.programs, [program]: parts.join(wrong) } }
}

async function firstMismatch(
  suite: KernelSuite,
  kernel: KernelDescriptor,
  variant: KernelVariant,
): Promise<string | null> {
  for (const [cases, submitMs] of [
    [suite.cases, 30] as const,
    [bandedCases(suite, variant), SMALLEST_SUBMIT_MS] as const,
  ]) {
    const runner = createKernelRunner(opened.device, opened.info, {
      choose: () => variant,
      submitMs,
      layoutOnHost: true,
    })
    try {
      for (const each of cases) {
        const inputs = inputsOf(suite, each)
        const outputs = await runner.compute({ kernel, shape: each.shape, seed: null, inputs })
        const mismatch = mismatchOf(suite, outputs, inputs, each.shape)
        if (mismatch !== null) return mismatch
      }
    } finally {
      runner.dispose()
    }
  }
  return null
}

const inputsOf = (suite: KernelSuite, { shape, seed, inputs }: KernelCase) =>
  inputs ? inputs() : suite.inputs(shape, seed)
