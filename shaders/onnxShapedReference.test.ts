import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OnnxRunner } from '../engine/onnx/onnxRunner.ts'
import { type TestGraph, testModel } from '../engine/onnx/testGraph.ts'
import { createWasmRunner } from '../engine/onnx/wasmRunner.ts'
import type { TensorSpec } from '../protocol/manifest.ts'
import { type Datatype, elementsOf, type Tensor, tensorOf } from '../protocol/tensor.ts'
import { conv2dF32 } from './conv2d-f32/kernel.ts'
import { type KernelSuite, mismatchOf } from './kernelSuite.ts'
import { kernelSuites } from './kernelSuites.ts'
import { type Shape, sizeOf } from './size.ts'

// As onnxReference.test.ts, for operators whose attributes follow the shape: a graph for each case.

interface ShapedForm {
  /** Shapes that the operator takes; absent: all. */
  only?: (shape: Shape) => boolean
  nodes(shape: Shape): TestGraph['nodes']
  /** From the kernel's inputs to the graph's, and from the graph's output to the kernel's; absent: as they are. */
  given?(inputs: readonly Tensor[], shape: Shape): Tensor[]
  output(shape: Shape): { name: string; datatype: Datatype; shape: number[] }
  taken?(output: Tensor, shape: Shape): Tensor
}

const matMulNBits: ShapedForm['nodes'] = ({ n, k }) => [
  {
    op: 'MatMulNBits',
    domain: 'com.microsoft',
    inputs: ['x', 'codes', 'scales', 'zeroPoints'],
    outputs: ['y'],
    // Level 1: everything in f32; higher levels round x.
    attributes: { N: n!, K: k!, bits: 4, block_size: 32, accuracy_level: 1 },
  },
]

const forms: Readonly<Record<string, ShapedForm>> = {
  'conv2d-f32': {
    nodes: (shape) => [
      {
        op: 'Conv',
        inputs: ['x', 'weights', 'bias'],
        outputs: ['y'],
        attributes: {
          group: shape.groups!,
          kernel_shape: [shape.kernelHeight!, shape.kernelWidth!],
          strides: [shape.strideY!, shape.strideX!],
          pads: [shape.padTop!, shape.padLeft!, shape.padBottom!, shape.padRight!],
        },
      },
    ],
    output: (shape) => {
      const { name, datatype, shape: sizes } = conv2dF32.tensors.at(-1)!
      return { name, datatype, shape: sizes.map((size) => sizeOf(size, shape)) }
    },
  },
  'matmul-q4': {
    nodes: matMulNBits,
    given: ([codes, scales, zeroPoints, x]) => [x!, codes!, scales!, zeroPoints!],
    output: ({ m, n }) => ({ name: 'y', datatype: 'FP32', shape: [m!, n!] }),
  },
  'matvec-q4': {
    nodes: matMulNBits,
    given: ([codes, scales, zeroPoints, x], { k }) => [
      { ...x!, shape: [1, k!] },
      codes!,
      scales!,
      zeroPoints!,
    ],
    output: ({ n }) => ({ name: 'y', datatype: 'FP32', shape: [1, n!] }),
    taken: (y, { n }) => ({ ...y, shape: [n!] }),
  },
  'gather-q4': {
    // Whole blocks.
    only: ({ k }) => k! % 32 === 0,
    nodes: () => [
      {
        op: 'GatherBlockQuantized',
        domain: 'com.microsoft',
        inputs: ['codes', 'ids', 'scales', 'zeroPoints'],
        outputs: ['y'],
        attributes: { bits: 4, block_size: 32, gather_axis: 0, quantize_axis: 1 },
      },
    ],
    // Ids past the end are an error there.
    given([codes, scales, zeroPoints, ids], { n, k }) {
      const within = BigInt64Array.from(elementsOf(ids!) as Uint32Array, (id) => BigInt(Math.min(id, n! - 1)))
      return [
        { ...codes!, shape: [n!, k! / 2] },
        tensorOf('ids', 'INT64', ids!.shape, within),
        scales!,
        zeroPoints!,
      ]
    },
    output: ({ rows, k }) => ({ name: 'y', datatype: 'FP32', shape: [rows!, k!] }),
  },
}

let runner: OnnxRunner
beforeAll(async () => {
  runner = await createWasmRunner({ threads: 1 })
})
afterAll(() => runner.dispose())

let made = 0

describe.each(Object.entries(forms))('ONNX Runtime and the reference of %s', (name, form) => {
  const suite = kernelSuites.find(({ kernel }) => kernel.name === name) as KernelSuite
  // ONNX Runtime takes no empty matrices.
  const { only = () => true } = form
  const seeded = suite.cases.filter(
    ({ inputs, shape }) =>
      !inputs &&
      suite.kernel.tensors.every((tensor) => sizeOf({ times: tensor.shape }, shape) > 0) &&
      only(shape),
  )

  it.for(seeded)('agree on $name', async ({ shape, seed }) => {
    const inputs = suite.inputs(shape, seed)
    const given = form.given?.(inputs, shape) ?? inputs
    const specs: TensorSpec[] = given.map((tensor) => ({ ...tensor, shape: [...tensor.shape] }))
    const outputs: TensorSpec[] = [form.output(shape)]
    const graph = { nodes: form.nodes(shape), inputs: specs, outputs }
    const { model: unnamed, readShard } = testModel([graph], specs, outputs)
    const model = { ...unnamed, hash: (made++).toString(16).padStart(64, '0') }
    await runner.load(model, readShard)
    const [output] = await runner.run({ kind: 'infer', model: model.hash, graph: 0, inputs: given })
    await runner.unload(model.hash)
    expect(mismatchOf(suite, [form.taken?.(output!, shape) ?? output!], inputs, shape)).toBe(null)
  })
})
