import type { TensorSpec } from '../../protocol/manifest.ts'
import type { Datatype } from '../../protocol/tensor.ts'
import { MAX_NAME_IN_MESSAGE } from './limits.ts'

/** A constant of the graph. Weights keep only their form; small tensors keep their values for shape inference. */
export interface ConstantTensor {
  type: Datatype
  shape: readonly number[]
  /** Row-major elements; integers past 2^53 are rounded, BOOL is 0 or 1. Undefined for weights and strings. */
  values?: readonly number[]
}

/** A node's attribute. */
export type Attribute =
  | { kind: 'int' | 'float'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'ints' | 'floats'; value: readonly number[] }
  | { kind: 'strings'; value: readonly string[] }
  | { kind: 'tensor'; value: ConstantTensor }
  | { kind: 'graph'; value: Subgraph }

/** One operator call. */
export interface OnnxNode {
  op: string
  /** Operator and node name for messages, e.g. `Conv "conv_1"`. */
  label: string
  /** Tensor names; an empty string is an optional input that was left out. */
  inputs: readonly string[]
  outputs: readonly string[]
  attributes: ReadonlyMap<string, Attribute>
}

/** The branch of an `If`: it has no inputs of its own and reads the tensors around it. */
export interface Subgraph {
  constants: ReadonlyMap<string, ConstantTensor>
  /** In an order in which every input is there before its node. */
  nodes: readonly OnnxNode[]
  outputs: readonly string[]
  /** Names of the tensors around it that it reads. */
  captured: readonly string[]
}

/** An ONNX graph whose structure was checked. `Constant` nodes have become constants. */
export interface OnnxGraph {
  /** Version of the default operator set. */
  opset: number
  inputs: TensorSpec[]
  /** `shape` is undefined where the file does not give one. */
  outputs: (Omit<TensorSpec, 'shape'> & { shape: TensorSpec['shape'] | undefined })[]
  constants: ReadonlyMap<string, ConstantTensor>
  /** In an order in which every input is there before its node. */
  nodes: readonly OnnxNode[]
  /** The main graph reads nothing around it. */
  captured: readonly []
}

/** A name as it goes into a message: quoted, cut, without control characters. */
export const quoted = (name: string): string =>
  JSON.stringify(name.length > MAX_NAME_IN_MESSAGE ? `${name.slice(0, MAX_NAME_IN_MESSAGE)}…` : name)
