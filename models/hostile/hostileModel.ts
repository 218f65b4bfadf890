import {
  buildModel,
  type GraphInit,
  type ModelParts,
  type NodeInit,
  node,
  type TensorInit,
  valueInfo,
} from '../onnx/buildModel.ts'
/** A file that must be refused, for tests. */
export interface HostileModel {
  /** What is wrong with it. */
  name: string
  /** Builds the file. */
  bytes(): Uint8Array<ArrayBuffer>
  /** What the refusal must say: the operator or tensor and the reason. */
  reason: RegExp
}

/** UTF-8 bytes. */
export const text = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content)
/** A node without fault between `x` and `y`. */
export const relu = node('Relu', ['x'], ['y'])

/** A file with those bytes. */
export const file = (name: string, bytes: Uint8Array<ArrayBuffer>, reason: RegExp): HostileModel => ({
  name,
  bytes: () => bytes,
  reason,
})
/** A model of those parts. */
export const model = (name: string, parts: ModelParts, reason: RegExp): HostileModel => ({
  name,
  bytes: () => buildModel(parts),
  reason,
})
/** One node between `x` and `y`. */
export const operator = (name: string, only: NodeInit, reason: RegExp, opset = 17): HostileModel =>
  model(name, { nodes: [only], opset }, reason)
/** A weight that is added to `x`. */
export const weight = (name: string, tensor: TensorInit, reason: RegExp): HostileModel =>
  model(name, { nodes: [node('Add', ['x', 'w'], ['y'])], initializers: [{ ...tensor, name: 'w' }] }, reason)

/** The branch of an If that copies `x`. */
export const branch = (output: string, more: GraphInit = {}): GraphInit => ({
  node: [node('Identity', ['x'], [output])],
  output: [valueInfo(output)],
  ...more,
})
