import { costRules } from '../costRules.ts'
import { mismatch, type OperatorCall, type TensorFact } from '../operatorCall.ts'
import { countOf, keepsValues, stridedIndices, stridesOf } from '../shapeArithmetic.ts'
import type { Operator, OperatorTable } from './operator.ts'

function slice(call: OperatorCall): TensorFact {
  const { type, shape, values } = call.input(0)
  const rank = shape.length
  const starts = call.listOf('starts', 1) ?? []
  const ends = call.listOf('ends', 2) ?? []
  const axes = (call.listOf('axes', 3) ?? starts.map((_, axis) => axis)).map((axis) => call.axis(axis, rank))
  const steps = call.has(4) ? call.values(4, 'steps') : starts.map(() => 1)
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length) {
    throw mismatch('starts, ends, axes and steps have different lengths')
  }
  const out = [...shape]
  const strides = stridesOf(shape)
  let offset = 0
  const steppedStrides = [...strides]
  axes.forEach((axis, at) => {
    const size = shape[axis] ?? 0
    const step = steps[at] ?? 1
    if (step === 0) throw mismatch('its step is 0')
    const clamp = (x: number, low: number, high: number) =>
      Math.min(high, Math.max(low, x < 0 ? x + size : x))
    const start = clamp(starts[at] ?? 0, 0, step > 0 ? size : size - 1)
    const end = step > 0 ? clamp(ends[at] ?? 0, 0, size) : clamp(ends[at] ?? 0, -1, size - 1)
    out[axis] = Math.max(0, Math.ceil((end - start) / step))
    offset += start * (strides[axis] ?? 0)
    steppedStrides[axis] = step * (strides[axis] ?? 0)
  })
  return {
    type,
    shape: out,
    values: values && stridedIndices(out, steppedStrides, offset).map((at) => values[at] ?? 0),
  }
}

function gather(call: OperatorCall): TensorFact {
  const { type, shape, values } = call.input(0)
  const indices = call.input(1)
  const axis = call.axis(call.int('axis', 0), shape.length)
  const out = [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)]
  if (!values || !indices.values || !keepsValues(out)) return { type, shape: out }
  const size = shape[axis] ?? 0
  const inner = countOf(shape.slice(axis + 1))
  const picked: number[] = []
  for (let row = 0; row < countOf(shape.slice(0, axis)); row++) {
    for (const index of indices.values) {
      const from = (row * size + (index < 0 ? index + size : index)) * inner
      picked.push(...values.slice(from, from + inner))
    }
  }
  return { type, shape: out, values: picked }
}

const likeFirst = (since: number, inputs: [number, number], until?: number): Operator => ({
  since,
  ...(until === undefined ? {} : { until }),
  inputs,
  outputs: 1,
  cost: costRules.perOutput,
  infer: (call) => ({ type: call.type(0), shape: call.shape(0) }),
})

/** Shape of a reduction over one axis that keeps or drops it. */
const withoutAxis = (call: OperatorCall): number[] => {
  const shape = call.shape(0)
  const axis = call.axis(call.int('axis', 0), shape.length)
  return call.int('keepdims', 1) === 1
    ? shape.map((size, at) => (at === axis ? 1 : size))
    : shape.filter((_, at) => at !== axis)
}
const argument: Operator = {
  since: 1,
  inputs: [1, 1],
  outputs: 1,
  cost: costRules.perInput,
  infer: (call) => ({ type: 'INT64', shape: withoutAxis(call) }),
}

/** Operators that pick elements by index. */
export const indexing: OperatorTable = {
  Slice: { since: 1, inputs: [1, 5], outputs: 1, cost: costRules.perOutput, infer: slice },
  Gather: { since: 1, inputs: [2, 2], outputs: 1, cost: costRules.perOutput, infer: gather },
  GatherElements: {
    since: 11,
    inputs: [2, 2],
    outputs: 1,
    cost: costRules.perOutput,
    infer: (call) => ({ type: call.type(0), shape: call.shape(1) }),
  },
  GatherND: {
    since: 11,
    inputs: [2, 2],
    outputs: 1,
    cost: costRules.perOutput,
    infer: (call) => {
      const data = call.shape(0)
      const indices = call.shapeOfRank(1, 1)
      const batch = call.int('batch_dims', 0)
      const depth = indices.at(-1) ?? 0
      if (batch + depth > data.length)
        throw mismatch(`its indices reach ${batch + depth} deep into ${data.length} dimensions`)
      return { type: call.type(0), shape: [...indices.slice(0, -1), ...data.slice(batch + depth)] }
    },
  },
  Scatter: likeFirst(9, [3, 3], 10),
  ScatterElements: likeFirst(11, [3, 3]),
  ScatterND: likeFirst(11, [3, 3]),
  CumSum: likeFirst(11, [2, 2]),
  ReverseSequence: likeFirst(10, [2, 2]),
  Trilu: likeFirst(14, [1, 2]),
  ArgMax: argument,
  ArgMin: argument,
  TopK: {
    since: 1,
    inputs: [1, 2],
    outputs: 2,
    cost: costRules.perInput,
    infer: (call) => {
      const shape = call.shape(0)
      const axis = call.axis(call.int('axis', -1), shape.length)
      const count = call.has(1) ? (call.values(1, 'count')[0] ?? 0) : call.int('k', 0)
      if (count > (shape[axis] ?? 0)) throw mismatch(`it takes ${count} of ${shape[axis]} elements`)
      const out = shape.map((size, at) => (at === axis ? count : size))
      return [
        { type: call.type(0), shape: out },
        { type: 'INT64', shape: out },
      ]
    },
  },
  DepthToSpace: {
    since: 1,
    inputs: [1, 1],
    outputs: 1,
    cost: costRules.perOutput,
    infer: (call) => {
      const [n = 0, c = 0, h = 0, w = 0] = call.shapeOfRank(0, 4)
      const block = call.int('blocksize', 1)
      if (c % (block * block) !== 0) throw mismatch(`${c} channels cannot be cut into blocks of ${block}`)
      return { type: call.type(0), shape: [n, c / (block * block), h * block, w * block] }
    },
  },
  SpaceToDepth: {
    since: 1,
    inputs: [1, 1],
    outputs: 1,
    cost: costRules.perOutput,
    infer: (call) => {
      const [n = 0, c = 0, h = 0, w = 0] = call.shapeOfRank(0, 4)
      const block = call.int('blocksize', 1)
      if (h % block !== 0 || w % block !== 0)
        throw mismatch(`${h} x ${w} cannot be cut into blocks of ${block}`)
      return { type: call.type(0), shape: [n, c * block * block, h / block, w / block] }
    },
  },
  Pad: {
    since: 2,
    inputs: [1, 4],
    outputs: 1,
    cost: costRules.perOutput,
    infer: (call) => {
      const { type, shape } = call.input(0)
      const pads = call.listOf('pads', 1) ?? []
      const axes = (call.has(3) ? call.values(3, 'axes') : shape.map((_, axis) => axis)).map((axis) =>
        call.axis(axis, shape.length),
      )
      if (pads.length !== 2 * axes.length)
        throw mismatch(`it has ${pads.length} pads for ${axes.length} dimensions`)
      const out = [...shape]
      axes.forEach((axis, at) => {
        out[axis] = (shape[axis] ?? 0) + (pads[at] ?? 0) + (pads[at + axes.length] ?? 0)
      })
      if (out.some((size) => size < 0)) throw mismatch(`it pads to [${out.join(', ')}]`)
      if (countOf(out) > 0 && countOf(shape) === 0) throw mismatch('it pads an empty tensor')
      return { type, shape: out }
    },
  },
}
