import { costRules } from '../costRules.ts'
import { mismatch, type OperatorCall, type TensorFact } from '../operatorCall.ts'
import type { OperatorTable } from './operator.ts'

/** ONNX Runtime multiplies in 32-bit floats; a product a hair below an integer must fall on the same side. */
const scaled = (size: number, scale: number): number =>
  Math.floor(Math.fround(Math.fround(size) * Math.fround(scale)))

function resize(call: OperatorCall): TensorFact {
  const { type, shape } = call.input(0)
  const scalesAt = call.opset < 11 ? 1 : 2
  const axes = (call.ints('axes') ?? shape.map((_, axis) => axis)).map((axis) =>
    call.axis(axis, shape.length),
  )
  const sizes = call.has(3) ? call.values(3, 'sizes') : []
  const out = [...shape]
  if (sizes.length > 0) {
    if (sizes.length !== axes.length)
      throw mismatch(`it has ${sizes.length} sizes for ${axes.length} dimensions`)
    const policy = call.string('keep_aspect_ratio_policy', 'stretch')
    const ratios = axes.map((axis, at) => (sizes[at] ?? 0) / (shape[axis] ?? 1))
    const ratio = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios)
    axes.forEach((axis, at) => {
      out[axis] = policy === 'stretch' ? (sizes[at] ?? 0) : Math.round((shape[axis] ?? 0) * ratio)
    })
  } else {
    const scales = call.values(scalesAt, 'scales')
    if (scales.length !== axes.length)
      throw mismatch(`it has ${scales.length} scales for ${axes.length} dimensions`)
    const crops = call.string('coordinate_transformation_mode', '') === 'tf_crop_and_resize'
    const roi = crops ? call.values(1, 'region') : []
    axes.forEach((axis, at) => {
      const share = crops ? (roi[at + axes.length] ?? 1) - (roi[at] ?? 0) : 1
      out[axis] = scaled((shape[axis] ?? 0) * share, scales[at] ?? 1)
    })
  }
  return { type, shape: out }
}

/** Operators that sample images at new places. */
export const resizing: OperatorTable = {
  Resize: { since: 10, inputs: [1, 4], outputs: 1, cost: costRules.interpolate, infer: resize },
  Upsample: {
    since: 7,
    until: 9,
    inputs: [1, 2],
    outputs: 1,
    cost: costRules.interpolate,
    infer: (call) => {
      const shape = call.shape(0)
      const scales = call.has(1) ? call.values(1, 'scales') : (call.floats('scales') ?? [])
      if (scales.length !== shape.length)
        throw mismatch(`it has ${scales.length} scales for ${shape.length} dimensions`)
      return { type: call.type(0), shape: shape.map((size, axis) => scaled(size, scales[axis] ?? 1)) }
    },
  },
  GridSample: {
    since: 16,
    inputs: [2, 2],
    outputs: 1,
    cost: costRules.interpolate,
    infer: (call) => {
      const [batch = 0, channels = 0] = call.shapeOfRank(0, 4)
      return { type: call.type(0), shape: [batch, channels, ...call.shapeOfRank(1, 4).slice(1, -1)] }
    },
  },
  RoiAlign: {
    since: 10,
    inputs: [3, 3],
    outputs: 1,
    cost: costRules.interpolate,
    infer: (call) => {
      const channels = call.shapeOfRank(0, 4)[1] ?? 0
      const regions = call.shapeOfRank(1, 2)[0] ?? 0
      return {
        type: call.type(0),
        shape: [regions, channels, call.int('output_height', 1), call.int('output_width', 1)],
      }
    },
  },
}
