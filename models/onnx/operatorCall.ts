import type { Datatype } from '../../protocol/tensor.ts'
import type { Attribute, OnnxNode } from './graph.ts'

/** What is known of a tensor before anything runs. */
export interface TensorFact {
  type: Datatype
  shape: readonly number[]
  /** Row-major elements where they follow from the input shapes alone, and are few. */
  values?: readonly number[] | undefined
  /** Whether it is the same in every run: weights and what is computed from them alone. */
  constant?: boolean
}

/** Why a shape could not be inferred. */
export type InferenceProblem =
  /** The shapes do not go together; other input shapes may. */
  | 'mismatch'
  /** A shape depends on values that are known only when the graph runs. */
  | 'depends-on-values'
  /** A tensor is larger than any device can hold. */
  | 'too-large'

/** Inference stops at a node. The message names no node: the caller adds it. */
export class InferenceFailure extends Error {
  readonly problem: InferenceProblem
  constructor(problem: InferenceProblem, message: string) {
    super(message)
    this.name = 'InferenceFailure'
    this.problem = problem
  }
}

export const mismatch = (message: string): InferenceFailure => new InferenceFailure('mismatch', message)

/** One operator call with what is known of its inputs. */
export class OperatorCall {
  readonly node: OnnxNode
  readonly opset: number
  /** Undefined where an optional input was left out. */
  readonly inputs: readonly (TensorFact | undefined)[]

  constructor(node: OnnxNode, opset: number, inputs: readonly (TensorFact | undefined)[]) {
    this.node = node
    this.opset = opset
    this.inputs = inputs
  }

  has(index: number): boolean {
    return this.inputs[index] !== undefined
  }

  input(index: number): TensorFact {
    const fact = this.inputs[index]
    if (!fact) throw mismatch(`input ${index} is missing`)
    return fact
  }

  shape(index: number): readonly number[] {
    return this.input(index).shape
  }

  type(index: number): Datatype {
    return this.input(index).type
  }

  /** Shape of an input with at least that many dimensions. */
  shapeOfRank(index: number, atLeast: number): readonly number[] {
    const { shape } = this.input(index)
    if (shape.length < atLeast)
      throw mismatch(`input ${index} has ${shape.length} dimensions and needs ${atLeast}`)
    return shape
  }

  /** Elements of an input that must be known for the output's shape. */
  values(index: number, what: string): readonly number[] {
    const { values } = this.input(index)
    if (!values) {
      throw new InferenceFailure(
        'depends-on-values',
        `its ${what} (input ${index}) are known only when the graph runs`,
      )
    }
    return values
  }

  #wrongKind(name: string, attribute: Attribute, wanted: string): InferenceFailure {
    return mismatch(`its attribute ${name} is of the kind ${attribute.kind}, not ${wanted}`)
  }

  int(name: string, otherwise: number): number {
    const attribute = this.node.attributes.get(name)
    if (!attribute) return otherwise
    if (attribute.kind !== 'int') throw this.#wrongKind(name, attribute, 'int')
    return attribute.value
  }

  string(name: string, otherwise: string): string {
    const attribute = this.node.attributes.get(name)
    if (!attribute) return otherwise
    if (attribute.kind !== 'string') throw this.#wrongKind(name, attribute, 'string')
    return attribute.value
  }

  ints(name: string): readonly number[] | undefined {
    const attribute = this.node.attributes.get(name)
    if (!attribute) return undefined
    if (attribute.kind !== 'ints') throw this.#wrongKind(name, attribute, 'ints')
    return attribute.value
  }

  floats(name: string): readonly number[] | undefined {
    const attribute = this.node.attributes.get(name)
    if (!attribute) return undefined
    if (attribute.kind !== 'floats') throw this.#wrongKind(name, attribute, 'floats')
    return attribute.value
  }

  /** A list that newer operator sets take as an input and older ones as an attribute; undefined when left out. */
  listOf(name: string, index: number): readonly number[] | undefined {
    return this.has(index) ? this.values(index, name) : this.ints(name)
  }

  /** An axis counted from the end when negative. */
  axis(axis: number, rank: number): number {
    const from = axis < 0 ? axis + rank : axis
    if (!Number.isInteger(from) || from < 0 || from >= rank) {
      throw mismatch(`its axis ${axis} is outside the ${rank} dimensions`)
    }
    return from
  }
}
