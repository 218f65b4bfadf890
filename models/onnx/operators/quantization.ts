import { costRules } from '../costRules.ts'
import { datatypeOf, elementTypeName } from '../elementType.ts'
import type { OperatorTable } from './operator.ts'

/** Operators between floats and small integers. */
export const quantization: OperatorTable = {
  QuantizeLinear: {
    since: 10,
    inputs: [2, 3],
    outputs: 1,
    cost: costRules.scaleAndShift,
    infer: (call) => {
      const asked = datatypeOf(call.int('output_dtype', 0))
      return { type: call.has(2) ? call.type(2) : (asked ?? 'UINT8'), shape: call.shape(0) }
    },
    refuse: (node) => {
      const asked = node.attributes.get('output_dtype')
      if (asked?.kind !== 'int' || asked.value === 0 || datatypeOf(asked.value)) return null
      return `quantizes to ${elementTypeName(asked.value)}, which is not supported`
    },
  },
  DequantizeLinear: {
    since: 10,
    inputs: [2, 3],
    outputs: 1,
    cost: costRules.scaleAndShift,
    infer: (call) => ({ type: call.type(1), shape: call.shape(0) }),
  },
  DynamicQuantizeLinear: {
    since: 11,
    inputs: [1, 1],
    outputs: 3,
    cost: costRules.scaleAndShift,
    infer: (call) => [
      { type: 'UINT8', shape: call.shape(0) },
      { type: 'FP32', shape: [] },
      { type: 'UINT8', shape: [] },
    ],
  },
}
