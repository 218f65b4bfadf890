import { costRules } from '../costRules.ts'
import { mismatch, type TensorFact } from '../operatorCall.ts'
import type { Operator, OperatorTable } from './operator.ts'

/** X[steps, batch, i], W[directions, gates * h, i], R[directions, gates * h, h]; with layout 1 the batch comes first. */
const recurrence = (gates: number, outputs: number, inputs: [number, number]): Operator => ({
  since: 7,
  inputs,
  outputs,
  cost: costRules.recurrent,
  infer: (call) => {
    const [a = 0, b = 0, inputSize] = call.shapeOfRank(0, 3)
    const [directions = 1, rows, weightsInput] = call.shapeOfRank(1, 3)
    const hidden = call.shapeOfRank(2, 3)[2] ?? 0
    if (inputSize !== weightsInput || rows !== gates * hidden) {
      throw mismatch(
        `its weights [${call.shape(1).join(', ')}] do not fit the input [${call.shape(0).join(', ')}]`,
      )
    }
    const batchFirst = call.int('layout', 0) === 1
    const [steps, batch] = batchFirst ? [b, a] : [a, b]
    const type = call.type(0)
    const all: TensorFact = {
      type,
      shape: batchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden],
    }
    const last: TensorFact = {
      type,
      shape: batchFirst ? [batch, directions, hidden] : [directions, batch, hidden],
    }
    return [all, ...Array.from({ length: outputs - 1 }, () => last)]
  },
})

/** Recurrent layers. */
export const recurrent: OperatorTable = {
  LSTM: recurrence(4, 3, [3, 8]),
  GRU: recurrence(3, 2, [3, 6]),
  RNN: recurrence(1, 2, [3, 6]),
}
