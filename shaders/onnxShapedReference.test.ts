import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OnnxRunner } from '../engine/onnx/onnxRunner.ts'
import { type TestGraph, testModel } from '../engine/onnx/testGraph.ts'
import { createWasmRunner } from '../engine/onnx/wasmRunner.ts'
import type { TensorSpec } from '../protocol/manifest.ts'
import type { Datatype, Tensor } from '../protocol/tensor.ts'
import { type KernelSuite, mismatchOf } from './kernelSuite.ts'
import { kernelSuites } from './kernelSuites.ts'
import type { Shape } from './size.ts'

// As onnxReference.test.ts, for operators whose attributes follow the shape: a graph for each case.

interface ShapedForm {
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
  const seeded = suite.cases.filter(({ inputs, shape }) => !inputs && !Object.values(shape).includes(0))

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
