import type { Datatype } from '../../../protocol/tensor.ts'
import { costRules } from '../costRules.ts'
import { mismatch, type OperatorCall } from '../operatorCall.ts'
import type { Operator, OperatorTable } from './operator.ts'

/** Window of a convolution or pooling: kernel, strides, dilations, padding, one number a spatial dimension. */
function windowOf(call: OperatorCall, kernel: readonly number[]) {
  const ones = kernel.map(() => 1)
  const pads = call.ints('pads') ?? kernel.flatMap(() => [0, 0])
  const window = {
    kernel,
    strides: call.ints('strides') ?? ones,
    dilations: call.ints('dilations') ?? ones,
    pads,
    automatic: call.string('auto_pad', 'NOTSET'),
  }
  if (
    kernel.length === 0 ||
    window.strides.length !== kernel.length ||
    window.dilations.length !== kernel.length ||
    pads.length !== 2 * kernel.length
  ) {
    throw mismatch('kernel, strides, dilations and pads have different lengths')
  }
  if ([...kernel, ...window.strides, ...window.dilations].some((size) => size < 1))
    throw mismatch('its window has a size below 1')
  return window
}

/** Size of one output dimension (ONNX specification, Conv and AveragePool). */
function slide(window: ReturnType<typeof windowOf>, axis: number, size: number, ceil: boolean): number {
  const stride = window.strides[axis] ?? 1
  const reach = ((window.kernel[axis] ?? 1) - 1) * (window.dilations[axis] ?? 1) + 1
  if (window.automatic.startsWith('SAME')) return Math.ceil(size / stride)
  const before = window.automatic === 'VALID' ? 0 : (window.pads[axis] ?? 0)
  const after = window.automatic === 'VALID' ? 0 : (window.pads[axis + window.kernel.length] ?? 0)
  const room = size + before + after - reach
  if (room < 0) throw mismatch(`a window of ${reach} does not fit into ${size + before + after}`)
  let out = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1
  // A window that would begin in the padding after the end is left out.
  if (ceil && (out - 1) * stride >= size + before) out -= 1
  return out
}

function convolve(call: OperatorCall, weightsIndex: number, type: Datatype) {
  const [batch = 0, channels = 0, ...spatial] = call.shapeOfRank(0, 3)
  const [outChannels = 0, groupChannels = 0, ...kernel] = call.shapeOfRank(weightsIndex, 3)
  const group = call.int('group', 1)
  if (kernel.length !== spatial.length)
    throw mismatch(`the weights have ${kernel.length} spatial dimensions, the input ${spatial.length}`)
  if (channels !== groupChannels * group) {
    throw mismatch(`the input has ${channels} channels, the weights want ${groupChannels * group}`)
  }
  const window = windowOf(call, kernel)
  return {
    type,
    shape: [batch, outChannels, ...spatial.map((size, axis) => slide(window, axis, size, false))],
  }
}

const pooling = (since: number, outputs: number): Operator => ({
  since,
  inputs: [1, 1],
  outputs,
  cost: costRules.pooling,
  infer: (call) => {
    const [batch = 0, channels = 0, ...spatial] = call.shapeOfRank(0, 3)
    const window = windowOf(call, call.ints('kernel_shape') ?? [])
    if (window.kernel.length !== spatial.length)
      throw mismatch(`its kernel has ${window.kernel.length} dimensions, the input ${spatial.length}`)
    const ceil = call.int('ceil_mode', 0) === 1
    const shape = [batch, channels, ...spatial.map((size, axis) => slide(window, axis, size, ceil))]
    return [{ type: call.type(0), shape }, ...(outputs > 1 ? [{ type: 'INT64' as const, shape }] : [])]
  },
})

const globalPooling: Operator = {
  since: 1,
  inputs: [1, 1],
  outputs: 1,
  cost: costRules.perInput,
  infer: (call) => {
    const [batch = 0, channels = 0, ...spatial] = call.shapeOfRank(0, 3)
    return { type: call.type(0), shape: [batch, channels, ...spatial.map(() => 1)] }
  },
}

/** Convolutions and pooling. */
export const convolution: OperatorTable = {
  Conv: {
    since: 1,
    inputs: [2, 3],
    outputs: 1,
    cost: costRules.convolution,
    infer: (call) => convolve(call, 1, call.type(0)),
  },
  ConvInteger: {
    since: 10,
    inputs: [2, 4],
    outputs: 1,
    cost: costRules.convolution,
    infer: (call) => convolve(call, 1, 'INT32'),
  },
  QLinearConv: {
    since: 10,
    inputs: [8, 9],
    outputs: 1,
    cost: costRules.convolution,
    infer: (call) => convolve(call, 3, call.type(7)),
  },
  ConvTranspose: {
    since: 1,
    inputs: [2, 3],
    outputs: 1,
    cost: costRules.convTranspose,
    infer: (call) => {
      const [batch = 0, channels = 0, ...spatial] = call.shapeOfRank(0, 3)
      const [weightChannels, groupChannels = 0, ...kernel] = call.shapeOfRank(1, 3)
      if (channels !== weightChannels)
        throw mismatch(`the input has ${channels} channels, the weights want ${weightChannels}`)
      const window = windowOf(call, kernel)
      const extra = call.ints('output_padding') ?? kernel.map(() => 0)
      const fixed = call.ints('output_shape')
      const out = spatial.map((size, axis) => {
        const stride = window.strides[axis] ?? 1
        const reach = ((kernel[axis] ?? 1) - 1) * (window.dilations[axis] ?? 1) + 1
        if (fixed) return fixed.at(axis - spatial.length) ?? 0
        if (window.automatic.startsWith('SAME')) return size * stride
        const padding =
          window.automatic === 'VALID'
            ? 0
            : (window.pads[axis] ?? 0) + (window.pads[axis + kernel.length] ?? 0)
        return stride * (size - 1) + (extra[axis] ?? 0) + reach - padding
      })
      return { type: call.type(0), shape: [batch, groupChannels * call.int('group', 1), ...out] }
    },
  },
  AveragePool: pooling(7, 1),
  LpPool: pooling(2, 1),
  MaxPool: pooling(1, 2),
  GlobalAveragePool: globalPooling,
  GlobalLpPool: globalPooling,
  GlobalMaxPool: globalPooling,
}
