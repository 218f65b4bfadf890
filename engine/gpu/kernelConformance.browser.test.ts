import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Tensor } from '../../protocol/tensor.ts'
import { argumentsOf, type KernelDescriptor, type KernelVariant, withTuning } from '../../shaders/kernel.ts'
import { type KernelSuite, mismatchOf } from '../../shaders/kernelSuite.ts'
import { kernelSuites } from '../../shaders/kernelSuites.ts'
import { libraryKernels } from '../../shaders/library.ts'
import { longestShapes } from '../../shaders/longestShapes.ts'
import { seededTensors } from '../../shaders/seededTensors.ts'
import type { Shape } from '../../shaders/size.ts'
import { canRun } from './chooseVariant.ts'
import { createKernelRunner, type KernelRunner } from './kernelRunner.ts'
import { fillNewBuffers } from './noisyBuffers.ts'
import { type DeviceInfo, type OpenedDevice, openDevice } from './openDevice.ts'
import { planPasses } from './plannedPass.ts'
import { bandedCases, SMALLEST_SUBMIT_MS } from './smallestBands.ts'

/** WebGPU's default `maxComputeWorkgroupsPerDimension`. */
const MAX_WORKGROUPS = 65_535

let opened: OpenedDevice
/** Variants that ran or not, as `kernel variant`; those that did not with what the device lacks. */
const ran = new Set<string>()
const skipped = new Map<string, string>()

// Without an adapter this throws and the whole file fails: a run without a GPU must not look like a passed one.
beforeAll(async () => {
  opened = await openDevice()
  fillNewBuffers(opened.device)
})
afterAll(() => {
  const reasons = [...skipped].map(([variant, lacking]) => `  SKIPPED ${variant}: ${lacking}`)
  const counts = `${ran.size} kernel variants ran, ${skipped.size} were skipped`
  console.info([counts, ...reasons].join('\n'))
  opened?.device.destroy()
})

for (const suite of kernelSuites) {
  for (const variant of suite.kernel.variants) {
    describe(`${suite.kernel.name}, variant ${variant.name}`, () => checkVariant(suite, variant))
  }
}

it('has a suite for every kernel of the library', () => {
  expect(kernelSuites.map(({ kernel }) => kernel.name).sort()).toEqual(
    libraryKernels.map(({ name }) => name).sort(),
  )
})

describe('the longest shape', () => {
  it('is cut where a dispatch ends, but for the kernels that take too long', () => {
    const inOneDispatch = kernelSuites.filter(
      ({ kernel }) => !kernel.variants.map(inSmallestWorkgroups).some(cutsLongest(kernel)),
    )
    expect(inOneDispatch.map(({ kernel }) => kernel.name)).toEqual([
      'hash-u32',
      'attention-prefill',
      'sort-u32',
    ])
  })

  // One variant of each kernel: how a pass is cut does not depend on its program, and all variants are tried in bands.
  it.for(kernelSuites.map((suite) => [suite.kernel.name, suite] as const))(
    'is right for %s',
    { timeout: 120_000 },
    async ([name, suite]) => {
      const { kernel } = suite
      const able = kernel.variants.filter((variant) => canRun(variant, opened.info)).map(inSmallestWorkgroups)
      const variant = able.find(cutsLongest(kernel)) ?? able[0]!
      const runner = createKernelRunner(opened.device, opened.info, { choose: () => variant })
      const shape = longestShapes[name]!
      const inputs = suite.inputs(shape, 1)
      const outputs = await runner.compute({ kernel, shape, seed: null, inputs })
      expect(mismatchOf(suite, outputs, inputs, shape)).toBe(null)
      runner.dispose()
    },
  )
})

/** Tuned to the smallest numbers that a tuner may try. */
const inSmallestWorkgroups = (variant: KernelVariant): KernelVariant =>
  withTuning(
    variant,
    Object.fromEntries(
      Object.entries(variant.tuning ?? {}).map(([name, { values }]) => [name, Math.min(...values)]),
    ),
  )

/** Whether the longest shape of a kernel has more workgroups in a dimension than one dispatch of a variant may have. */
const cutsLongest = (kernel: KernelDescriptor) => (variant: KernelVariant) =>
  planPasses(variant, 'host', longestShapes[kernel.name]!).some(
    ({ extent, perWorkgroup }) =>
      extent.rows > MAX_WORKGROUPS * perWorkgroup.rows ||
      extent.columns > MAX_WORKGROUPS * perWorkgroup.columns,
  )

function checkVariant(suite: KernelSuite, variant: KernelVariant): void {
  const { kernel } = suite
  const title = `${kernel.name} ${variant.name}`
  // One runner lays inputs out on the CPU, the other one on the GPU, where the kernel has passes for it.
  const runners = new Map<boolean, KernelRunner>()
  const runnerOf = (layoutOnHost: boolean): KernelRunner => {
    const known = runners.get(layoutOnHost)
    if (known) return known
    const runner = createKernelRunner(opened.device, opened.info, { choose: () => variant, layoutOnHost })
    runners.set(layoutOnHost, runner)
    return runner
  }
  afterAll(() => {
    for (const runner of runners.values()) runner.dispose()
  })
  const layouts = variant.passes.some(({ step }) => step !== 'compute') ? [true, false] : [true]

  async function check(shape: Shape, inputs: readonly Tensor[], seed: number | null): Promise<void> {
    for (const layoutOnHost of layouts) {
      const runner = runnerOf(layoutOnHost)
      const runs = [runner.compute({ kernel, shape, seed: null, inputs })]
      if (seed !== null) runs.push(runner.compute({ kernel, shape, seed, inputs: [] }))
      for (const outputs of await Promise.all(runs)) {
        expect(mismatchOf(suite, outputs, inputs, shape)).toBe(null)
      }
    }
    ran.add(title)
  }
  /** A seed that passes of this kernel turn into inputs; null where only the suite does. */
  const seedForPasses = (seed: number): number | null =>
    variant.passes.some(({ step }) => step === 'seed') ? seed : null
  const lackingOf = (info: DeviceInfo): string => {
    const { features, languageFeatures } = variant.needs
    const missing = [
      ...features.filter((name) => !info.features.includes(name)),
      ...languageFeatures.filter((name) => !info.languageFeatures.includes(name)),
    ]
    const lacking = missing.join(', ') || 'larger limits'
    skipped.set(title, `this device lacks ${lacking}`)
    return `SKIPPED ${title}: this device lacks ${lacking}`
  }

  it.for(suite.cases)('is right for $name', async ({ shape, seed, inputs }, { skip }) => {
    if (!canRun(variant, opened.info)) skip(lackingOf(opened.info))
    if (inputs) await check(shape, inputs(), null)
    else await check(shape, suite.inputs(shape, seed), seedForPasses(seed))
  })

  it('is right cut into bands of one workgroup', async ({ skip }) => {
    if (!canRun(variant, opened.info)) skip(lackingOf(opened.info))
    const runner = createKernelRunner(opened.device, opened.info, {
      choose: () => variant,
      layoutOnHost: true,
      submitMs: SMALLEST_SUBMIT_MS,
    })
    for (const { shape, seed, inputs } of bandedCases(suite, variant)) {
      const given = inputs ? inputs() : suite.inputs(shape, seed)
      const outputs = await runner.compute({ kernel, shape, seed: null, inputs: given })
      expect(mismatchOf(suite, outputs, given, shape)).toBe(null)
    }
    runner.dispose()
  })

  it('is right for any small shape', async ({ skip }) => {
    if (!canRun(variant, opened.info)) skip(lackingOf(opened.info))
    await fc.assert(
      fc.asyncProperty(shapesOf(suite), fc.nat(0xffffffff), (shape, seed) =>
        check(shape, suite.inputs(shape, seed), seedForPasses(seed)),
      ),
      { numRuns: 10, endOnFailure: true },
    )
  })
}

function shapesOf({ kernel, anyShape }: KernelSuite): fc.Arbitrary<Shape> {
  const valuesOf = (name: string) => {
    const values = anyShape[name]!
    return 'from' in values ? fc.integer({ min: values.from, max: values.to }) : fc.constantFrom(...values)
  }
  return fc.record(Object.fromEntries(argumentsOf(kernel).map(({ name }) => [name, valuesOf(name)])))
}

it('fails a variant that gives one wrong bit', async () => {
  const suite = kernelSuites[0]!
  const kernel: KernelDescriptor = suite.kernel
  const shape = { m: 3, k: 5, n: 7 }
  const inputs = seededTensors(kernel, shape, 1)
  const outputs = suite.reference(inputs, shape)
  expect(mismatchOf(suite, outputs, inputs, shape)).toBe(null)
  outputs[0]!.bytes[9]! ^= 1
  expect(mismatchOf(suite, outputs, inputs, shape)).toMatch(/^c\[2\] is -?\d+ and must be -?\d+$/)
})
