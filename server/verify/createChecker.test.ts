import { afterAll, describe, expect, it } from 'vitest'
import { OpentabError } from '../../protocol/errors.ts'
import type { ServedModel, TensorSpec } from '../../protocol/manifest.ts'
import type { InferTask, KernelTask } from '../../protocol/task.ts'
import { type Datatype, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { createChecker, INLINE_ELEMENTS } from './createChecker.ts'
import {
  cFloat32,
  cInt32,
  float32Task,
  int8Task,
  productFloat32,
  productInt8,
  seededPairFloat32,
  seededPairInt8,
} from './freivalds/testProducts.ts'
import { makeWrong } from './wrongResults.ts'

const outputs: TensorSpec[] = [
  { name: 'boxes', datatype: 'FP32', shape: ['found', 4] },
  { name: 'labels', datatype: 'BYTES', shape: ['found'] },
  { name: 'count', datatype: 'INT64', shape: [] },
]
const served: ServedModel = {
  hash: 'e'.repeat(64),
  manifest: {
    v: 1,
    id: 'finder',
    kind: 'onnx',
    graphs: [{ name: 'main', shards: [], inputs: [], outputs, tolerance: { rtol: 0, atol: 0 } }],
    files: {},
    licence: 'unknown',
    source: 'test',
  },
}
/** What outputShapesOf says; an error where it cannot know. */
let shapes: Map<string, readonly number[]> | OpentabError = new Map()
const checker = createChecker({
  registry: {
    byHash: (hash) => (hash === served.hash ? served : undefined),
    pathOf: () => undefined,
    outputShapesOf: async () => {
      if (shapes instanceof OpentabError) throw shapes
      return shapes
    },
  },
})
afterAll(() => checker.close())

const small = { m: 3, k: 4, n: 5 }
const large = { m: 40, k: 50, n: 60 }
const right = (shape: typeof small) => {
  const { a, b } = seededPairInt8(1, shape)
  return cInt32(shape, productInt8(a, b, shape))
}

describe('the form of a kernel result', () => {
  const c = right(small)
  const spec = int8Task(small, { seed: 1 })

  it('is right for c as the task says', () => {
    expect(checker.checkForm(spec, [c])).toBeNull()
    const { a, b } = seededPairFloat32(1, small)
    const product = cFloat32(
      small,
      productFloat32(a, b, small, (products) => products.reduce((x, y) => x + y, 0)),
    )
    expect(checker.checkForm(float32Task(small, { a, b }), [product])).toBeNull()
    expect(checker.checkForm(float32Task(small, { a, b }), [c])).toBe('Output c is INT32 and must be FP32.')
  })

  it.each<[string, Tensor[], string]>([
    ['nothing', [], 'The task has 1 outputs (c) and 0 came.'],
    ['two outputs', [c, c], 'The task has 1 outputs (c) and 2 came.'],
    ['another name', [{ ...c, name: 'd' }], 'An output is named "d" and must be "c".'],
    ['a transposed shape', [{ ...c, shape: [5, 3] }], 'Output c has the shape [5,3] and must have [3,5].'],
    ['a flat shape', [{ ...c, shape: [15] }], 'Output c has the shape [15] and must have [3,5].'],
    [
      'too few bytes',
      [{ ...c, bytes: c.bytes.subarray(4) }],
      'Tensor c of INT32[3,5] needs 60 bytes and has 56.',
    ],
    ['wrong-dtype', makeWrong('wrong-dtype', [c], 1), 'Output c is FP32 and must be INT32.'],
  ])('is refused with %s, by the check as well', async (_, wrong, reason) => {
    expect(checker.checkForm(spec, wrong)).toBe(reason)
    expect(await checker.check(spec, wrong)).toEqual({ ok: false, reason })
  })
})

describe('the form of a graph result', () => {
  const task: InferTask = {
    kind: 'infer',
    model: served.hash,
    graph: 0,
    inputs: [tensorOf('x', 'FP32', [1], new Float32Array(1))],
  }
  const strings = (...lengths: number[]): Uint8Array =>
    new Uint8Array(lengths.flatMap((length) => [length, 0, 0, 0, ...new Array<number>(length).fill(65)]))
  const result = (): [Tensor, Tensor, Tensor] => [
    tensorOf('boxes', 'FP32', [2, 4], new Float32Array(8)),
    { name: 'labels', datatype: 'BYTES', shape: [2], bytes: strings(3, 0) },
    tensorOf('count', 'INT64', [], new BigInt64Array(1)),
  ]
  const unknown = new OpentabError('invalid_value', 'The shape depends on the data.')

  it.each<[string, typeof shapes]>([
    [
      'every shape is known',
      new Map([
        ['boxes', [2, 4]],
        ['labels', [2]],
        ['count', []],
      ]),
    ],
    ['only one is', new Map([['boxes', [2, 4]]])],
    ['a dimension is not', new Map([['boxes', [-1, 4]]])],
    ['none is', new Map()],
    ['the shapes cannot be worked out', unknown],
  ])('is right where %s', async (_, known) => {
    shapes = known
    expect(await checker.checkForm(task, result())).toBeNull()
  })

  it('is held against the shapes that are known', async () => {
    shapes = new Map([['boxes', [3, 4]]])
    expect(await checker.checkForm(task, result())).toBe(
      'Output boxes has the shape [2,4] and must have [3,4].',
    )
  })

  it.each<[string, (tensors: [Tensor, Tensor, Tensor]) => Tensor[], RegExp]>([
    [
      'another rank',
      ([a, b, c]) => [{ ...a, shape: [8] }, b, c],
      /boxes has the shape \[8\] and must have \[found,4\]/,
    ],
    [
      'another fixed dimension',
      ([a, b, c]) => [{ ...a, shape: [4, 2] }, b, c],
      /boxes has the shape \[4,2\]/,
    ],
    [
      'another datatype',
      ([a, b, c]) => [{ ...a, datatype: 'INT32' as Datatype }, b, c],
      /boxes is INT32 and must be FP32/,
    ],
    ['another order', ([a, b, c]) => [b, a, c], /named "labels" and must be "boxes"/],
    ['an output too few', ([a, b]) => [a, b], /has 3 outputs \(boxes, labels, count\) and 2 came/],
    [
      'bytes that do not fit',
      ([a, b, c]) => [{ ...a, bytes: new Uint8Array(31) }, b, c],
      /needs 32 bytes and has 31/,
    ],
    [
      'a string too few',
      ([a, b, c]) => [a, { ...b, bytes: strings(3) }, c],
      /labels ends before string 1 of 2/,
    ],
    [
      'a string cut off',
      ([a, b, c]) => [a, { ...b, bytes: strings(3, 2).subarray(0, 12) }, c],
      /ends inside string 1/,
    ],
    [
      'bytes after the strings',
      ([a, b, c]) => [a, { ...b, bytes: strings(3, 0, 1) }, c],
      /5 bytes after its 2 strings/,
    ],
    ['a negative dimension', ([a, b, c]) => [{ ...a, shape: [-2, 4] }, b, c], /dimension -2/],
  ])('is refused with %s', async (_, change, reason) => {
    shapes = unknown
    expect(await checker.checkForm(task, change(result()))).toMatch(reason)
  })

  it('of a model that is no longer here is not the fault of the tab', async () => {
    await expect(checker.checkForm({ ...task, model: '0' }, result())).rejects.toMatchObject({
      code: 'model_not_found',
    })
    await expect(checker.check({ ...task, model: '0' }, result())).rejects.toMatchObject({
      code: 'model_not_found',
    })
  })
})

describe('the check of a kernel', () => {
  it('is made of every result, of a graph only when it is drawn', () => {
    expect(checker.alwaysChecked(int8Task(small, { seed: 1 }))).toBe(true)
    expect(checker.alwaysChecked({ kind: 'infer', model: '', graph: 0, inputs: [] })).toBe(false)
  })

  it('answers at once where the product is small', () => {
    const spec = int8Task(small, { seed: 1 })
    expect(checker.check(spec, [right(small)])).toEqual({ ok: true, verdict: 'freivalds' })
    expect(checker.check(spec, makeWrong('one-element', [right(small)], 1))).toMatchObject({ ok: false })
  })

  it.each<[string, KernelTask]>([
    ['seeded', int8Task(large, { seed: 1 })],
    ['sent', int8Task(large, seededPairInt8(1, large))],
  ])('goes to a thread where it is large, with %s inputs that stay as they are', async (_, spec) => {
    expect(large.m * large.k + large.k * large.n + large.m * large.n).toBeGreaterThan(
      INLINE_ELEMENTS['matmul-i8'],
    )
    const c = right(large)
    const outcome = checker.check(spec, [c])
    expect(outcome).toBeInstanceOf(Promise)
    expect(await outcome).toEqual({ ok: true, verdict: 'freivalds' })
    expect(await checker.check(spec, makeWrong('bit-flip', [c], 1))).toMatchObject({
      ok: false,
      reason: /must be/,
    })
    expect(c).toEqual(right(large))
    for (const input of spec.inputs) expect(input.bytes.byteLength).toBeGreaterThan(0)
    expect(checker.figures().matmulCpuMs).toBeGreaterThan(0)
  })

  it('copies no more than the tensor out of a frame that holds many', async () => {
    const c = right(large)
    const frame = new Uint8Array(c.bytes.length + 1_500_001)
    frame.set(c.bytes, 1_500_001)
    const inFrame = { ...c, bytes: frame.subarray(1_500_001) }
    expect(await checker.check(int8Task(large, { seed: 1 }), [inFrame])).toMatchObject({ ok: true })
    expect(frame.length).toBe(c.bytes.length + 1_500_001)
  })
})

describe('the comparison of outputs', () => {
  const ofLength = (count: number, last: number) => [
    tensorOf('y', 'FP32', [count], new Float32Array(count).fill(1).with(count - 1, last)),
  ]

  it('answers at once where they are small', async () => {
    const compare = checker.comparerOf([ofLength(4, 1), ofLength(4, 2)], {})
    expect(await compare(0, 1)).toMatchObject({ agrees: false, first: { index: 3, value: 1, reference: 2 } })
    expect(await compare(0, 0)).toMatchObject({ agrees: true })
  })

  it('lets the relay do its other work where they are large, and leaves them as they are', async () => {
    const count = 2 ** 20
    const sets = [ofLength(count, 1), ofLength(count, 1 + 2 ** -23), ofLength(count, 3)]
    const compare = checker.comparerOf(sets, { ulp: 1 })
    let turns = 0
    let isOver = false
    const turn = (): void => {
      turns++
      if (!isOver) setImmediate(turn)
    }
    setImmediate(turn)
    const cpuMs = checker.figures().matmulCpuMs
    expect(await compare(0, 1)).toMatchObject({ agrees: true, maxUlp: 1 })
    expect(await compare(2, 1)).toMatchObject({ agrees: false, first: { index: count - 1, value: 3 } })
    isOver = true
    expect(turns).toBeGreaterThan(4)
    expect(checker.figures().matmulCpuMs).toBeGreaterThan(cpuMs)
    expect(sets[0]![0]!.bytes.byteLength).toBe(4 * count)
  })

  it('is left out when nobody waits for it any more', async () => {
    const count = 2 ** 14
    const compare = checker.comparerOf([ofLength(count, 1), ofLength(count, 2)], {})
    await expect(compare(0, 1, AbortSignal.abort())).rejects.toMatchObject({ code: 'check_unavailable' })
  })
})
