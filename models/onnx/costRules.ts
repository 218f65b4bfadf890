import type { OperatorCall, TensorFact } from './operatorCall.ts'
import { countOf } from './shapeArithmetic.ts'

/** Operations of one call, given its output facts. One multiply-add = 2. */
export type CostRule = (call: OperatorCall, outputs: readonly (TensorFact | undefined)[]) => number

/**
 * The cost rules: canonical operations of one operator call. The price list of the network: a change here changes what
 * work earns, so it is a decision. Every operator names one of them in its table (models/onnx/operators/).
 *
 * | rule             | operations                                                     | for |
 * |------------------|----------------------------------------------------------------|-----|
 * | free             | 0                                                              | changes the form only: Reshape, Shape, Squeeze, Identity |
 * | perOutput        | 1 an output element                                            | elementwise arithmetic, casts, and moving data: Transpose, Concat, Gather |
 * | perInput         | 1 an input element                                             | reductions, global pooling, TopK, ArgMax |
 * | softmax          | 4 an element: maximum, subtract and exponential, sum, divide   | Softmax, LogSoftmax, Hardmax |
 * | normalize        | 6 an element: mean, subtract, square, sum, divide, scale       | LayerNormalization and its kin |
 * | scaleAndShift    | 2 an output element                                            | BatchNormalization, QuantizeLinear, DequantizeLinear |
 * | interpolate      | nearest 1, linear 2·2^d, cubic 2·4^d an output element; d resized dimensions | Resize, Upsample, GridSample, RoiAlign |
 * | pooling          | window elements an output element                              | AveragePool, MaxPool, LpPool |
 * | convolution      | 2 · outputs · (input channels / groups) · window, +1 an output with a bias | Conv and its integer forms |
 * | convTranspose    | 2 · inputs · (output channels / groups) · window, +1 an output with a bias | ConvTranspose |
 * | matrixProduct    | 2 · outputs · k                                                | MatMul and its integer forms |
 * | gemm             | 2 · m · n · k, +1 an output with C                             | Gemm |
 * | einsum           | 2 · product of all label sizes                                 | Einsum |
 * | recurrent        | steps · batch · directions · (2 · gates · h · (i + h) + 4 · gates · h) | LSTM, GRU, RNN |
 *
 * Beside the table: a node whose inputs are all constants costs nothing (runtimes compute it once, when the model is
 * loaded), and an `If` costs its dearer branch.
 */
export const costRules = {
  free: () => 0,
  perOutput: (_call, outputs) => outputs.reduce((sum, fact) => sum + (fact ? countOf(fact.shape) : 0), 0),
  perInput: (call) => countOf(call.shape(0)),
  softmax: (call) => 4 * countOf(call.shape(0)),
  normalize: (call) => 6 * countOf(call.shape(0)),
  scaleAndShift: (_call, [out]) => 2 * countOf(out?.shape ?? []),
  interpolate: (call, [out]) => {
    const elements = countOf(out?.shape ?? [])
    const mode = call.string('mode', call.node.op === 'GridSample' ? 'linear' : 'nearest')
    if (mode === 'nearest') return elements
    return elements * 2 * (mode === 'cubic' || mode === 'bicubic' ? 4 : 2) ** resizedDimensions(call, out)
  },
  pooling: (call, outputs) => countOf(outputs[0]?.shape ?? []) * countOf(call.ints('kernel_shape') ?? []),
  convolution: (call, [out]) => {
    const elements = countOf(out?.shape ?? [])
    const weights = call.shape(weightsAt(call))
    return 2 * elements * countOf(weights.slice(1)) + (hasBias(call) ? elements : 0)
  },
  convTranspose: (call, [out]) => {
    const weights = call.shape(1)
    return (
      2 * countOf(call.shape(0)) * countOf(weights.slice(1)) + (call.has(2) ? countOf(out?.shape ?? []) : 0)
    )
  },
  matrixProduct: (call, [out]) => 2 * countOf(out?.shape ?? []) * (call.shape(0).at(-1) ?? 1),
  gemm: (call, [out]) => {
    const elements = countOf(out?.shape ?? [])
    const k = call.shape(0)[call.int('transA', 0) === 0 ? 1 : 0] ?? 1
    return 2 * elements * k + (call.has(2) ? elements : 0)
  },
  einsum: (call) => 2 * countOf([...einsumSizes(call).values()]),
  recurrent: (call) => {
    const gates = { LSTM: 4, GRU: 3, RNN: 1 }[call.node.op] ?? 1
    const [a = 0, b = 0, inputSize = 0] = call.shape(0)
    const [directions = 1, , hidden = 0] = call.shape(2)
    return a * b * directions * (2 * gates * hidden * (inputSize + hidden) + 4 * gates * hidden)
  },
} as const satisfies Record<string, CostRule>

/** QLinearConv: x, x_scale, x_zero_point, w, ...; the others have the weights second. */
const weightsAt = (call: OperatorCall): number => (call.node.op === 'QLinearConv' ? 3 : 1)

const hasBias = (call: OperatorCall): boolean =>
  call.node.op === 'QLinearConv' ? call.has(8) : call.node.op === 'Conv' && call.has(2)

function resizedDimensions(call: OperatorCall, out: TensorFact | undefined): number {
  const from = call.shape(0)
  if (call.node.op === 'GridSample' || call.node.op === 'RoiAlign')
    return from.length === 4 ? 2 : from.length - 2
  return from.filter((size, axis) => size !== out?.shape[axis]).length
}

/** Size of every label of an Einsum equation, e.g. `bhd,bhe->bde`. */
export function einsumSizes(call: OperatorCall): Map<string, number> {
  const [left = ''] = call.string('equation', '').replaceAll(' ', '').split('->')
  const sizes = new Map<string, number>()
  left.split(',').forEach((term, index) => {
    ;[...term].forEach((label, axis) => {
      const size = call.shape(index)[axis] ?? 1
      sizes.set(label, Math.max(size, sizes.get(label) ?? 1))
    })
  })
  return sizes
}
