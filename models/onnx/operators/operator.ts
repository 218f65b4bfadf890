import type { CostRule } from '../costRules.ts'
import type { ConstantTensor, OnnxNode } from '../graph.ts'
import type { OperatorCall, TensorFact } from '../operatorCall.ts'

/** What an operator gives: one fact, or one for each output (undefined: an output that is not computed). */
export type Inferred = TensorFact | readonly (TensorFact | undefined)[]

/** An operator of the allow-list. */
export interface Operator {
  /** Operator set that brought it; models of older sets may not use it. */
  since: number
  /** Last operator set that has it. */
  until?: number
  /** Fewest and most inputs. */
  inputs: readonly [number, number]
  /** Most outputs. */
  outputs: number
  cost: CostRule
  /** Shapes, datatypes and, where they follow from shapes, values of the outputs. Throws InferenceFailure. */
  infer(call: OperatorCall): Inferred
  /** A rule beyond shapes: why this node is refused, or null. `constantOf` gives the constants that nodes read. */
  refuse?(node: OnnxNode, opset: number, constants: ReadonlyMap<string, ConstantTensor>): string | null
}

export type OperatorTable = Readonly<Record<string, Operator>>
