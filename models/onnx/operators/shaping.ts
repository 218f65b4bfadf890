import { costRules } from '../costRules.ts'
import { datatypeOf, elementTypeName } from '../elementType.ts'
import { InferenceFailure, mismatch, type OperatorCall, type TensorFact } from '../operatorCall.ts'
import {
  broadcast,
  broadcastIndices,
  countOf,
  keepsValues,
  stridedIndices,
  stridesOf,
} from '../shapeArithmetic.ts'
import type { Operator, OperatorTable } from './operator.ts'

/** The input in another form: same type, same elements in the same order. */
const reshaped = (
  since: number,
  inputs: [number, number],
  shape: (call: OperatorCall) => number[],
): Operator => ({
  since,
  inputs,
  outputs: 1,
  cost: costRules.free,
  infer: (call) => ({ ...call.input(0), shape: shape(call) }),
})

function reshape(call: OperatorCall): number[] {
  const from = call.shape(0)
  const wanted = call.values(1, 'shape')
  const keepZero = call.int('allowzero', 0) === 1
  let free = -1
  const shape = wanted.map((size, axis) => {
    if (size === -1) {
      if (free >= 0) throw mismatch('its shape has two free dimensions')
      free = axis
      return 1
    }
    if (size === 0 && !keepZero) return from[axis] ?? 0
    if (size < 0) throw mismatch(`its shape has the dimension ${size}`)
    return size
  })
  const count = countOf(from)
  const rest = countOf(shape)
  if (free >= 0) shape[free] = rest === 0 ? 0 : count / rest
  if (countOf(shape) !== count || shape.some((size) => !Number.isInteger(size))) {
    throw mismatch(`[${from.join(', ')}] cannot become [${wanted.join(', ')}]`)
  }
  return shape
}

function squeeze(call: OperatorCall): number[] {
  const from = call.shape(0)
  const listed = call.listOf('axes', 1)?.map((axis) => call.axis(axis, from.length))
  const gone = new Set(listed ?? from.flatMap((size, axis) => (size === 1 ? [axis] : [])))
  for (const axis of gone)
    if (from[axis] !== 1) throw mismatch(`its dimension ${axis} has the size ${from[axis]}, not 1`)
  return from.filter((_, axis) => !gone.has(axis))
}

function unsqueeze(call: OperatorCall): number[] {
  const from = call.shape(0)
  const listed = call.listOf('axes', 1) ?? []
  const rank = from.length + listed.length
  const added = new Set(listed.map((axis) => call.axis(axis, rank)))
  if (added.size !== listed.length) throw mismatch('its axes name one dimension twice')
  let next = 0
  return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (from[next++] ?? 0)))
}

function transpose(call: OperatorCall): TensorFact {
  const { type, shape: from, values } = call.input(0)
  const order = call.ints('perm') ?? from.map((_, axis) => from.length - 1 - axis)
  if (order.length !== from.length || new Set(order).size !== from.length)
    throw mismatch(`its order [${order.join(', ')}] does not fit`)
  const shape = order.map((axis) => from[call.axis(axis, from.length)] ?? 0)
  if (!values) return { type, shape }
  const strides = stridesOf(from)
  const indices = stridedIndices(
    shape,
    order.map((axis) => strides[call.axis(axis, from.length)] ?? 0),
  )
  return { type, shape, values: indices.map((index) => values[index] ?? 0) }
}

function concat(call: OperatorCall): TensorFact {
  const parts = call.node.inputs.map((_, index) => call.input(index))
  const first = call.shape(0)
  const axis = call.axis(call.int('axis', 0), first.length)
  let size = 0
  for (const { shape } of parts) {
    if (shape.length !== first.length || shape.some((each, at) => at !== axis && each !== first[at])) {
      throw mismatch(`[${first.join(', ')}] and [${shape.join(', ')}] cannot be joined along axis ${axis}`)
    }
    size += shape[axis] ?? 0
  }
  const shape = first.map((each, at) => (at === axis ? size : each))
  return { type: call.type(0), shape, values: joined(parts, shape, axis) }
}

/** Known elements of tensors that are joined along an axis. */
function joined(parts: readonly TensorFact[], shape: readonly number[], axis: number): number[] | undefined {
  if (!keepsValues(shape) || parts.some((part) => part.values === undefined)) return undefined
  const rows = countOf(shape.slice(0, axis))
  return Array.from({ length: rows }, (_, row) =>
    parts.flatMap(({ values = [], shape: own }) => {
      const width = countOf(own.slice(axis))
      return values.slice(row * width, (row + 1) * width)
    }),
  ).flat()
}

function split(call: OperatorCall): TensorFact[] {
  const { type, shape, values } = call.input(0)
  const axis = call.axis(call.int('axis', 0), shape.length)
  const size = shape[axis] ?? 0
  const parts = call.node.outputs.length
  const chunk = Math.ceil(size / parts)
  const sizes =
    call.listOf('split', 1) ??
    Array.from({ length: parts }, (_, i) => Math.max(0, Math.min(chunk, size - i * chunk)))
  if (sizes.length !== parts || sizes.reduce((sum, each) => sum + each, 0) !== size) {
    throw mismatch(`its parts [${sizes.join(', ')}] do not add up to ${size}`)
  }
  let from = 0
  return sizes.map((part) => {
    const at = from
    from += part
    return {
      type,
      shape: shape.map((each, dimension) => (dimension === axis ? part : each)),
      values: shape.length === 1 ? values?.slice(at, at + part) : undefined,
    }
  })
}

/** A tensor filled with one value, whose shape is an input's values. */
function filled(shape: readonly number[], type: TensorFact['type'], value: number | undefined): TensorFact {
  if (shape.some((size) => size < 0)) throw mismatch(`its shape is [${shape.join(', ')}]`)
  const known = value !== undefined && keepsValues(shape)
  return { type, shape, values: known ? new Array<number>(countOf(shape)).fill(value) : undefined }
}

/** Operators that change or make shapes and move elements without computing. */
export const shaping: OperatorTable = {
  Shape: {
    since: 1,
    inputs: [1, 1],
    outputs: 1,
    cost: costRules.free,
    infer: (call) => {
      const shape = call.shape(0)
      const clamp = (at: number) => Math.min(shape.length, Math.max(0, at < 0 ? at + shape.length : at))
      const values = shape.slice(clamp(call.int('start', 0)), clamp(call.int('end', shape.length)))
      return { type: 'INT64', shape: [values.length], values }
    },
  },
  Size: {
    since: 1,
    inputs: [1, 1],
    outputs: 1,
    cost: costRules.free,
    infer: (call) => ({ type: 'INT64', shape: [], values: [countOf(call.shape(0))] }),
  },
  Identity: reshaped(1, [1, 1], (call) => [...call.shape(0)]),
  Reshape: reshaped(5, [2, 2], reshape),
  Squeeze: reshaped(1, [1, 2], squeeze),
  Unsqueeze: reshaped(1, [1, 2], unsqueeze),
  Flatten: reshaped(1, [1, 1], (call) => {
    const from = call.shape(0)
    const axis = call.int('axis', 1)
    const at = axis === from.length ? axis : call.axis(axis, Math.max(1, from.length))
    return [countOf(from.slice(0, at)), countOf(from.slice(at))]
  }),
  Transpose: { since: 1, inputs: [1, 1], outputs: 1, cost: costRules.perOutput, infer: transpose },
  Concat: {
    since: 4,
    inputs: [1, Number.POSITIVE_INFINITY],
    outputs: 1,
    cost: costRules.perOutput,
    infer: concat,
  },
  Split: {
    since: 2,
    inputs: [1, 2],
    outputs: Number.POSITIVE_INFINITY,
    cost: costRules.perOutput,
    infer: split,
  },
  Expand: {
    since: 8,
    inputs: [2, 2],
    outputs: 1,
    cost: costRules.perOutput,
    infer: (call) => {
      const { type, shape: from, values } = call.input(0)
      const shape = broadcast(from, call.values(1, 'shape'))
      const known = values && keepsValues(shape)
      return {
        type,
        shape,
        values: known ? broadcastIndices(from, shape).map((at) => values[at] ?? 0) : undefined,
      }
    },
  },
  Tile: {
    since: 6,
    inputs: [2, 2],
    outputs: 1,
    cost: costRules.perOutput,
    infer: (call) => {
      const { type, shape, values } = call.input(0)
      const repeats = call.values(1, 'repeats')
      if (repeats.length !== shape.length || repeats.some((times) => times < 0))
        throw mismatch(`its repeats are [${repeats.join(', ')}]`)
      const out = shape.map((size, axis) => size * (repeats[axis] ?? 1))
      const known = values && shape.length === 1 && keepsValues(out)
      return {
        type,
        shape: out,
        values: known ? new Array<readonly number[]>(repeats[0] ?? 1).fill(values).flat() : undefined,
      }
    },
  },
  ConstantOfShape: {
    since: 9,
    inputs: [1, 1],
    outputs: 1,
    cost: costRules.perOutput,
    infer: (call) => {
      const value = call.node.attributes.get('value')
      const tensor = value?.kind === 'tensor' ? value.value : undefined
      return filled(call.values(0, 'shape'), tensor?.type ?? 'FP32', tensor ? tensor.values?.[0] : 0)
    },
  },
  EyeLike: {
    since: 9,
    inputs: [1, 1],
    outputs: 1,
    cost: costRules.perOutput,
    infer: (call) => {
      const code = call.int('dtype', 0)
      const type = code === 0 ? call.type(0) : datatypeOf(code)
      if (!type) throw mismatch(`it makes ${elementTypeName(code)}, which is not supported`)
      return { type, shape: call.shape(0) }
    },
  },
  Range: {
    since: 11,
    inputs: [3, 3],
    outputs: 1,
    cost: costRules.perOutput,
    infer: (call) => {
      const [start = 0, limit = 0, delta = 1] = ['start', 'limit', 'delta'].map(
        (name, at) => call.values(at, name)[0],
      )
      const count = Math.max(0, Math.ceil((limit - start) / delta))
      if (!Number.isFinite(count)) throw new InferenceFailure('too-large', 'its range never ends')
      const values = keepsValues([count])
        ? Array.from({ length: count }, (_, i) => start + i * delta)
        : undefined
      return { type: call.type(0), shape: [count], values }
    },
  },
  NonZero: {
    since: 9,
    inputs: [1, 1],
    outputs: 1,
    cost: costRules.perInput,
    infer: (call) => {
      const shape = call.shape(0)
      const strides = stridesOf(shape)
      const found = call.values(0, 'elements').flatMap((value, at) => (value === 0 ? [] : [at]))
      const values = shape.flatMap((size, axis) =>
        found.map((at) => Math.floor(at / (strides[axis] ?? 1)) % size),
      )
      return { type: 'INT64', shape: [shape.length, found.length], values }
    },
  },
  OneHot: {
    since: 9,
    inputs: [3, 3],
    outputs: 1,
    cost: costRules.perOutput,
    infer: (call) => {
      const indices = call.shape(0)
      const axis = call.axis(call.int('axis', -1), indices.length + 1)
      const depth = Math.trunc(call.values(1, 'depth')[0] ?? 0)
      return { type: call.type(2), shape: [...indices.slice(0, axis), depth, ...indices.slice(axis)] }
    },
  },
}
