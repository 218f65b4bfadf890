import type { Datatype } from '../../../protocol/tensor.ts'
import { costRules } from '../costRules.ts'
import { datatypeOf, elementTypeName } from '../elementType.ts'
import { mismatch, type OperatorCall, type TensorFact } from '../operatorCall.ts'
import { broadcast, broadcastIndices, keepsValues } from '../shapeArithmetic.ts'
import type { Operator, OperatorTable } from './operator.ts'

type Function1 = (x: number) => number
type FunctionN = (...x: number[]) => number

/** Same shape, one input (further ones are parameters); `values` computes known elements. */
const unary = (
  since: number,
  values?: Function1,
  type?: Datatype,
  inputs: [number, number] = [1, 1],
): Operator => ({
  since,
  inputs,
  outputs: 1,
  cost: costRules.perOutput,
  infer: (call) => {
    const { shape, type: own, values: known } = call.input(0)
    return { type: type ?? own, shape, values: values && known ? known.map((x) => values(x)) : undefined }
  },
})

/** Broadcasting over all inputs; `values` computes known elements. */
const nary = (
  since: number,
  inputs: [number, number],
  values?: (call: OperatorCall) => FunctionN,
  type?: Datatype,
  typeFrom = 0,
): Operator => ({
  since,
  inputs,
  outputs: 1,
  cost: costRules.perOutput,
  infer: (call) => {
    const operands = call.node.inputs.map((_, index) => call.input(index))
    const shape = broadcast(...operands.map((operand) => operand.shape))
    return {
      type: type ?? call.type(typeFrom),
      shape,
      values: values ? evaluate(operands, shape, values(call)) : undefined,
    }
  },
})

function evaluate(
  operands: readonly TensorFact[],
  shape: readonly number[],
  compute: FunctionN,
): number[] | undefined {
  if (!keepsValues(shape)) return undefined
  const columns: { values: readonly number[]; at: readonly number[] }[] = []
  for (const { values, shape: own } of operands) {
    if (!values) return undefined
    columns.push({ values, at: broadcastIndices(own, shape) })
  }
  const count = columns[0]?.at.length ?? 0
  return Array.from({ length: count }, (_, i) =>
    compute(...columns.map(({ values, at }) => values[at[i] ?? 0] ?? 0)),
  )
}

const isInteger = (type: Datatype): boolean => /^U?INT/.test(type)
const binary = (since: number, values?: FunctionN) => nary(since, [2, 2], values && (() => values))
const comparison = (since: number, values?: FunctionN) =>
  nary(since, [2, 2], values && (() => values), 'BOOL')
const truth = (x: boolean): number => (x ? 1 : 0)

const cast: Operator = {
  since: 6,
  inputs: [1, 1],
  outputs: 1,
  cost: costRules.perOutput,
  infer: (call) => {
    const code = call.int('to', 0)
    const type = datatypeOf(code)
    if (!type) throw mismatch(`it casts to ${elementTypeName(code)}, which is not supported`)
    return castTo(call.input(0), type)
  },
  refuse: (node) => {
    const to = node.attributes.get('to')
    const code = to?.kind === 'int' ? to.value : 0
    return datatypeOf(code) ? null : `casts to ${elementTypeName(code)}, which is not supported`
  },
}

function castTo({ shape, values, type: from }: TensorFact, type: Datatype): TensorFact {
  if (from === 'BYTES' || type === 'BYTES') return { type, shape }
  if (type === 'BOOL') return { type, shape, values: values?.map((x) => truth(x !== 0)) }
  return { type, shape, values: isInteger(type) ? values?.map(Math.trunc) : values }
}

const plain = [
  'Acos',
  'Asin',
  'Atan',
  'Cos',
  'Elu',
  'HardSigmoid',
  'LeakyRelu',
  'Selu',
  'Sin',
  'Softplus',
  'Softsign',
  'Tan',
]
const since9 = ['Acosh', 'Asinh', 'Atanh', 'Cosh', 'Erf', 'Shrink', 'Sinh']

/** Operators that compute each element on its own, with broadcasting. */
export const elementwise: OperatorTable = {
  ...Object.fromEntries(plain.map((op) => [op, unary(1)])),
  ...Object.fromEntries(since9.map((op) => [op, unary(9)])),
  Abs: unary(1, Math.abs),
  Ceil: unary(1, Math.ceil),
  Celu: unary(12),
  Exp: unary(1),
  Floor: unary(1, Math.floor),
  Gelu: unary(20),
  HardSwish: unary(14),
  IsInf: unary(10, undefined, 'BOOL'),
  IsNaN: unary(9, undefined, 'BOOL'),
  Log: unary(1),
  Mish: unary(18),
  Neg: unary(1, (x) => -x),
  Not: unary(1, (x) => truth(x === 0), 'BOOL'),
  Reciprocal: unary(1, (x) => 1 / x),
  Relu: unary(1, (x) => Math.max(0, x)),
  Round: unary(11),
  Sigmoid: unary(1),
  Sign: unary(9, Math.sign),
  Sqrt: unary(1, Math.sqrt),
  Tanh: unary(1),
  Swish: unary(24),
  ThresholdedRelu: unary(10),
  BitwiseNot: unary(18),
  Clip: unary(6, undefined, undefined, [1, 3]),
  Cast: cast,
  CastLike: {
    since: 15,
    inputs: [2, 2],
    outputs: 1,
    cost: costRules.perOutput,
    infer: (call) => castTo(call.input(0), call.type(1)),
  },

  Add: binary(7, (a, b) => (a ?? 0) + (b ?? 0)),
  Sub: binary(7, (a, b) => (a ?? 0) - (b ?? 0)),
  Mul: binary(7, (a, b) => (a ?? 0) * (b ?? 0)),
  Div: nary(7, [2, 2], (call) =>
    isInteger(call.type(0)) ? (a, b) => Math.trunc((a ?? 0) / (b ?? 1)) : (a, b) => (a ?? 0) / (b ?? 1),
  ),
  Mod: nary(10, [2, 2], (call) =>
    call.int('fmod', 0) === 1
      ? (a, b) => (a ?? 0) % (b ?? 1)
      : (a, b) => (a ?? 0) - (b ?? 1) * Math.floor((a ?? 0) / (b ?? 1)),
  ),
  Pow: nary(7, [2, 2], (call) =>
    isInteger(call.type(0)) ? (a, b) => Math.trunc((a ?? 0) ** (b ?? 1)) : (a, b) => (a ?? 0) ** (b ?? 1),
  ),
  PRelu: {
    since: 7,
    inputs: [2, 2],
    outputs: 1,
    cost: costRules.perOutput,
    infer: (call) => ({ type: call.type(0), shape: broadcast(call.shape(0), call.shape(1)) }),
  },
  BitShift: binary(11),
  BitwiseAnd: binary(18),
  BitwiseOr: binary(18),
  BitwiseXor: binary(18),
  And: comparison(7, (a, b) => truth(a !== 0 && b !== 0)),
  Or: comparison(7, (a, b) => truth(a !== 0 || b !== 0)),
  Xor: comparison(7, (a, b) => truth((a !== 0) !== (b !== 0))),
  Equal: comparison(7, (a, b) => truth(a === b)),
  Greater: comparison(7, (a, b) => truth((a ?? 0) > (b ?? 0))),
  GreaterOrEqual: comparison(12, (a, b) => truth((a ?? 0) >= (b ?? 0))),
  Less: comparison(7, (a, b) => truth((a ?? 0) < (b ?? 0))),
  LessOrEqual: comparison(12, (a, b) => truth((a ?? 0) <= (b ?? 0))),
  Max: nary(6, [1, Number.POSITIVE_INFINITY], () => Math.max),
  Min: nary(6, [1, Number.POSITIVE_INFINITY], () => Math.min),
  Mean: nary(6, [1, Number.POSITIVE_INFINITY]),
  Sum: nary(
    6,
    [1, Number.POSITIVE_INFINITY],
    () =>
      (...x) =>
        x.reduce((sum, each) => sum + each, 0),
  ),
  Where: nary(9, [3, 3], () => (condition, a, b) => (condition !== 0 ? (a ?? 0) : (b ?? 0)), undefined, 1),
}
