import { type CostRule, costRules } from '../costRules.ts'
import type { ConstantTensor, OnnxNode } from '../graph.ts'
import type { Operator, OperatorTable } from './operator.ts'

const sameShape = (since: number, inputs: [number, number], cost: CostRule): Operator => ({
  since,
  inputs,
  outputs: 1,
  cost,
  infer: (call) => ({ type: call.type(0), shape: call.shape(0) }),
})

const isSet = (node: OnnxNode, name: string): boolean => {
  const attribute = node.attributes.get(name)
  return attribute?.kind === 'int' && attribute.value !== 0
}

/** Normalizations and softmaxes. */
export const normalization: OperatorTable = {
  Softmax: sameShape(1, [1, 1], costRules.softmax),
  LogSoftmax: sameShape(1, [1, 1], costRules.softmax),
  Hardmax: sameShape(1, [1, 1], costRules.softmax),
  InstanceNormalization: sameShape(6, [3, 3], costRules.normalize),
  GroupNormalization: sameShape(18, [3, 3], costRules.normalize),
  LpNormalization: sameShape(1, [1, 1], costRules.normalize),
  LRN: sameShape(1, [1, 1], costRules.normalize),
  MeanVarianceNormalization: sameShape(9, [1, 1], costRules.normalize),
  RMSNormalization: sameShape(23, [2, 2], costRules.normalize),
  LayerNormalization: {
    since: 17,
    inputs: [2, 3],
    outputs: 3,
    cost: costRules.normalize,
    infer: (call) => {
      const shape = call.shape(0)
      const axis = call.axis(call.int('axis', -1), shape.length)
      const moments = shape.map((size, at) => (at < axis ? size : 1))
      return [
        { type: call.type(0), shape },
        { type: 'FP32', shape: moments },
        { type: 'FP32', shape: moments },
      ]
    },
  },
  BatchNormalization: {
    ...sameShape(7, [5, 5], costRules.scaleAndShift),
    outputs: 5,
    infer: (call) => [{ type: call.type(0), shape: call.shape(0) }],
    refuse: (node) =>
      isSet(node, 'training_mode') || node.outputs.slice(1).some((name) => name !== '')
        ? 'is in training mode; export the model for inference'
        : null,
  },
  Dropout: {
    since: 7,
    inputs: [1, 3],
    outputs: 2,
    cost: costRules.free,
    infer: (call) => [call.input(0), { type: call.opset < 10 ? call.type(0) : 'BOOL', shape: call.shape(0) }],
    refuse: (node, opset, constants) =>
      opset >= 12 && trains(node, constants) ? 'is in training mode, where it is random' : null,
  },
}

/** Whether a Dropout's third input may be true. */
function trains(node: OnnxNode, constants: ReadonlyMap<string, ConstantTensor>): boolean {
  const name = node.inputs[2] ?? ''
  return name !== '' && constants.get(name)?.values?.[0] !== 0
}
