import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KernelName, KernelTask } from '../../protocol/task.ts'
import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { kernelLibrary } from '../../shaders/library.ts'
import { matmulF32Cases } from '../../shaders/matmul-f32/cases.ts'
import { matmulF32Reference } from '../../shaders/matmul-f32/reference.ts'
import { matmulF32Bound } from '../../shaders/matmul-f32/roundingBound.ts'
import { matmulI8Cases } from '../../shaders/matmul-i8/cases.ts'
import { matmulI8Reference } from '../../shaders/matmul-i8/reference.ts'
import type { MatmulCase } from '../../shaders/matmulCase.ts'
import { seededTensors } from '../../shaders/seededTensors.ts'
import { canRun } from './chooseVariant.ts'
import { createKernelRunner } from './kernelRunner.ts'
import { type OpenedDevice, openDevice } from './openDevice.ts'

type Shape = KernelTask['shape']

const cases: Record<KernelName, readonly MatmulCase[]> = {
  'matmul-i8': matmulI8Cases,
  'matmul-f32': matmulF32Cases,
}

const expectRight: Record<KernelName, (outputs: Tensor[], inputs: Tensor[], shape: Shape) => void> = {
  'matmul-i8'([c], [a, b], shape) {
    expect(c).toMatchObject({ name: 'c', datatype: 'INT32', shape: [shape.m, shape.n] })
    const expected = matmulI8Reference(elementsOf(a!) as Int8Array, elementsOf(b!) as Int8Array, shape)
    const got = elementsOf(c!) as Int32Array
    const wrong = got.findIndex((value, at) => value !== expected[at])
    expect(wrong, `element ${wrong} is ${got[wrong]}, the reference ${expected[wrong]}`).toBe(-1)
  },
  'matmul-f32'([c], [a, b], shape) {
    expect(c).toMatchObject({ name: 'c', datatype: 'FP32', shape: [shape.m, shape.n] })
    const left = elementsOf(a!) as Float32Array
    const right = elementsOf(b!) as Float32Array
    const expected = matmulF32Reference(left, right, shape)
    const magnitudes = matmulF32Reference(left.map(Math.abs), right.map(Math.abs), shape)
    const got = elementsOf(c!) as Float32Array
    const wrong = got.findIndex((value, at) => {
      const error = Math.abs(value - expected[at]!)
      return !(error <= matmulF32Bound(shape.k, magnitudes[at]!))
    })
    expect(wrong, `element ${wrong} is ${got[wrong]}, the reference ${expected[wrong]}`).toBe(-1)
  },
}

let opened: OpenedDevice
const ran = new Set<KernelName>()

// Without an adapter this throws and the whole file fails: a run without a GPU must not look like a passed one.
beforeAll(async () => {
  opened = await openDevice()
})
afterAll(() => {
  opened?.device.destroy()
})

for (const kernel of Object.values(kernelLibrary)) {
  for (const variant of kernel.variants) {
    describe(`${kernel.name}, variant ${variant.name}`, () => {
      /** Seeded and given inputs must give the right result, laid out on the GPU or on the CPU. */
      async function check(shape: Shape, seed: number): Promise<void> {
        const inputs = seededTensors(kernel, shape, seed)
        const task = { kind: 'kernel', kernel: kernel.name, subject: '', shape } as const
        for (const layoutOnHost of [false, true]) {
          const runner = createKernelRunner(opened.device, opened.info, {
            choose: () => variant,
            layoutOnHost,
          })
          const both = await Promise.all([
            runner.run({ ...task, seed, inputs: [] }),
            runner.run({ ...task, seed: null, inputs }),
          ])
          for (const outputs of both) expectRight[kernel.name](outputs, inputs, shape)
          runner.dispose()
        }
        ran.add(kernel.name)
      }
      const needs = [...variant.needs.features, ...variant.needs.languageFeatures].join(', ')
      const lacking = `SKIPPED ${kernel.name} ${variant.name}: this device lacks one of ${needs}`

      it.for(cases[kernel.name])('is right for $name', async ({ shape, seed }, { skip }) => {
        skip(!canRun(variant, opened.info), lacking)
        await check(shape, seed)
      })

      it('is right for any small shape', async ({ skip }) => {
        skip(!canRun(variant, opened.info), lacking)
        const size = fc.integer({ min: 1, max: 150 })
        const shapes = fc.record({ m: size, k: size, n: size })
        await fc.assert(fc.asyncProperty(shapes, fc.nat(0xffffffff), check), {
          numRuns: 10,
          endOnFailure: true,
        })
      })
    })
  }
}

for (const variant of kernelLibrary['matmul-i8'].variants) {
  it(`matmul-i8, variant ${variant.name}, wraps a sum of 2^31 to -2^31`, async ({ skip }) => {
    skip(!canRun(variant, opened.info), `SKIPPED ${variant.name}`)
    const runner = createKernelRunner(opened.device, opened.info, { choose: () => variant })
    const k = 2 ** 31 / (128 * 128)
    const least = new Int8Array(k).fill(-128)
    const [c] = await runner.run({
      kind: 'kernel',
      kernel: 'matmul-i8',
      subject: '',
      shape: { m: 1, k, n: 1 },
      seed: null,
      inputs: [tensorOf('a', 'INT8', [1, k], least), tensorOf('b', 'INT8', [k, 1], least)],
    })
    expect([...elementsOf(c!)]).toEqual([-(2 ** 31)])
    runner.dispose()
  })
}

it('ran every kernel of the library in at least one variant', () => {
  expect([...ran].sort()).toEqual(Object.keys(kernelLibrary).sort())
})
