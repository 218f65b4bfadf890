import { costRules } from '../costRules.ts'
import type { OperatorCall } from '../operatorCall.ts'
import { countOf } from '../shapeArithmetic.ts'
import type { Operator, OperatorTable } from './operator.ts'

type Fold = (values: readonly number[]) => number

/** Reduces over axes, which newer operator sets take as an input; `fold` computes known elements of a full reduction. */
const reduce = (fold?: Fold): Operator => ({
  since: 1,
  inputs: [1, 2],
  outputs: 1,
  cost: costRules.perInput,
  infer: (call) => {
    const { type, shape, values } = call.input(0)
    const axes = reducedAxes(call, shape)
    if (axes === undefined) return { type, shape, values }
    const keep = call.int('keepdims', 1) === 1
    const out = shape.flatMap((size, axis) => (!axes.has(axis) ? [size] : keep ? [1] : []))
    const full = fold && values && values.length > 0 && countOf(out) === 1
    return { type, shape: out, values: full ? [fold(values)] : undefined }
  },
})

/** Undefined when nothing is reduced. */
function reducedAxes(call: OperatorCall, shape: readonly number[]): Set<number> | undefined {
  const listed = call.listOf('axes', 1) ?? []
  if (listed.length > 0) return new Set(listed.map((axis) => call.axis(axis, shape.length)))
  return call.int('noop_with_empty_axes', 0) === 1 ? undefined : new Set(shape.keys())
}

/** Reductions. */
export const reduction: OperatorTable = {
  ReduceL1: reduce(),
  ReduceL2: reduce(),
  ReduceLogSum: reduce(),
  ReduceLogSumExp: reduce(),
  ReduceMax: reduce((values) => Math.max(...values)),
  ReduceMean: reduce(),
  ReduceMin: reduce((values) => Math.min(...values)),
  ReduceProd: reduce((values) => values.reduce((product, x) => product * x, 1)),
  ReduceSum: reduce((values) => values.reduce((sum, x) => sum + x, 0)),
  ReduceSumSquare: reduce(),
}
