import type { Datatype } from '../../../protocol/tensor.ts'
import { costRules, einsumSizes } from '../costRules.ts'
import { mismatch, type OperatorCall } from '../operatorCall.ts'
import { broadcast } from '../shapeArithmetic.ts'
import type { Operator, OperatorTable } from './operator.ts'

/** Shape of a matrix product as in numpy.matmul: vectors are promoted, leading dimensions broadcast. */
function productShape(a: readonly number[], b: readonly number[]): number[] {
  if (a.length === 0 || b.length === 0) throw mismatch('a scalar cannot be multiplied as a matrix')
  const left = a.length === 1 ? [1, ...a] : a
  const right = b.length === 1 ? [...b, 1] : b
  if (left.at(-1) !== right.at(-2))
    throw mismatch(`[${a.join(', ')}] times [${b.join(', ')}] does not go together`)
  const batch = broadcast(left.slice(0, -2), right.slice(0, -2))
  const rows = a.length === 1 ? [] : [left.at(-2) ?? 0]
  const columns = b.length === 1 ? [] : [right.at(-1) ?? 0]
  return [...batch, ...rows, ...columns]
}

const product = (
  since: number,
  inputs: [number, number],
  right: number,
  type: (call: OperatorCall) => Datatype,
): Operator => ({
  since,
  inputs,
  outputs: 1,
  cost: costRules.matrixProduct,
  infer: (call) => ({ type: type(call), shape: productShape(call.shape(0), call.shape(right)) }),
})

/** Matrix products. */
export const matrix: OperatorTable = {
  MatMul: product(1, [2, 2], 1, (call) => call.type(0)),
  MatMulInteger: product(10, [2, 4], 1, () => 'INT32'),
  // a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point
  QLinearMatMul: product(10, [8, 8], 3, (call) => call.type(7)),
  Gemm: {
    since: 7,
    inputs: [2, 3],
    outputs: 1,
    cost: costRules.gemm,
    infer: (call) => {
      const a = call.shape(0)
      const b = call.shape(1)
      if (a.length !== 2 || b.length !== 2) throw mismatch('both factors must have two dimensions')
      const [m, k] = call.int('transA', 0) === 0 ? a : [a[1], a[0]]
      const [k2, n] = call.int('transB', 0) === 0 ? b : [b[1], b[0]]
      if (k !== k2) throw mismatch(`[${a.join(', ')}] times [${b.join(', ')}] does not go together`)
      return { type: call.type(0), shape: [m ?? 0, n ?? 0] }
    },
  },
  Einsum: {
    since: 12,
    inputs: [1, Number.POSITIVE_INFINITY],
    outputs: 1,
    cost: costRules.einsum,
    infer: (call) => {
      const equation = call.string('equation', '').replaceAll(' ', '')
      const [left = '', right] = equation.split('->')
      const terms = left.split(',')
      if (!/^[A-Za-z,]*(->[A-Za-z]*)?$/.test(equation))
        throw mismatch(`its equation ${equation} is not supported`)
      if (
        terms.length !== call.inputs.length ||
        terms.some((term, i) => term.length !== call.shape(i).length)
      ) {
        throw mismatch(`its equation ${equation} does not fit its inputs`)
      }
      const sizes = einsumSizes(call)
      // Without "->" the output has the labels that occur once, in alphabetical order (numpy.einsum).
      const once = [...sizes.keys()].filter((label) => left.split(label).length === 2).sort()
      const labels = right === undefined ? once : [...right]
      return { type: call.type(0), shape: labels.map((label) => sizes.get(label) ?? 0) }
    },
    refuse: (node) => {
      const equation = node.attributes.get('equation')
      const text = equation?.kind === 'string' ? equation.value.replaceAll(' ', '') : ''
      return /^[A-Za-z,]*(->[A-Za-z]*)?$/.test(text)
        ? null
        : `has the equation ${text}; only letters, "," and "->" are supported`
    },
  },
}
