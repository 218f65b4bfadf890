import { TensorProto_DataType as Code } from 'onnx-buf'
import { type AttributeValue, float32, int64, type TensorInit } from './buildModel.ts'

/** A float input of that shape, another input, a constant, or null for one that is left out. */
export type OperatorInput =
  | readonly number[]
  | { type: 'int64' | 'bool' | 'uint8' | 'int8' | 'int32'; shape: readonly number[] }
  | TensorInit
  | null

/** One call of one operator, for tests. */
export interface OperatorCase {
  op: string
  inputs: readonly OperatorInput[]
  attributes: Readonly<Record<string, AttributeValue>>
  outputs: number
  opset: number
}

const of = (
  op: string,
  inputs: readonly OperatorInput[],
  attributes: OperatorCase['attributes'] = {},
  { outputs = 1, opset = 17 }: { outputs?: number; opset?: number } = {},
): OperatorCase => ({ op, inputs, attributes, outputs, opset })

const i = (...values: number[]) => int64('', values)
const scalar = (value: number) => int64('', [value], [])
const f = (...values: number[]) => float32('', values)
const x = [2, 3, 4]
const picture = [1, 4, 9, 8]
const bool = { type: 'bool', shape: [2, 3] } as const
const uint8 = (shape: readonly number[]) => ({ type: 'uint8', shape }) as const
const whole = (shape: readonly number[]) => ({ type: 'int32', shape }) as const
const byte = (value: number): TensorInit => ({ name: '', dataType: Code.UINT8, dims: [], int32Data: [value] })
const one = (value: number) => float32('', [value], [])

const unary = [
  ...[
    'Abs',
    'Acos',
    'Acosh',
    'Asin',
    'Asinh',
    'Atan',
    'Atanh',
    'Ceil',
    'Celu',
    'Clip',
    'Cos',
    'Cosh',
    'Elu',
    'Erf',
    'Exp',
  ],
  ...[
    'Floor',
    'HardSigmoid',
    'HardSwish',
    'Hardmax',
    'Identity',
    'IsInf',
    'IsNaN',
    'LeakyRelu',
    'Log',
    'LogSoftmax',
  ],
  ...[
    'LpNormalization',
    'Neg',
    'Reciprocal',
    'Relu',
    'Round',
    'Selu',
    'Shrink',
    'Sigmoid',
    'Sign',
    'Sin',
    'Sinh',
    'Softmax',
  ],
  ...[
    'Softplus',
    'Softsign',
    'Sqrt',
    'Tan',
    'Tanh',
    'ThresholdedRelu',
    'Shape',
    'Size',
    'Flatten',
    'Trilu',
    'EyeLike',
  ],
]
const reductions = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'Sum', 'SumSquare'].map(
  (name) => `Reduce${name}`,
)

/** Calls that cover every operator of the allow-list and the corners of its shape rule. */
export const operatorCases: readonly OperatorCase[] = [
  ...unary.map((op) => of(op, [[2, 3]])),
  ...['Gelu', 'Mish', 'Swish'].map((op) =>
    of(op, [x], {}, { opset: op === 'Swish' ? 24 : op === 'Gelu' ? 20 : 18 }),
  ),
  ...[
    'Add',
    'Sub',
    'Mul',
    'Div',
    'Pow',
    'Max',
    'Min',
    'Mean',
    'Sum',
    'Equal',
    'Greater',
    'Less',
    'PRelu',
  ].map((op) => of(op, [x, [3, 1]])),
  ...['Add', 'Mul', 'Where'].map((op) =>
    of(
      op,
      op === 'Where'
        ? [bool, [1, 3], [2, 1]]
        : [
            [4, 1],
            [2, 1, 5],
          ],
    ),
  ),
  ...['GreaterOrEqual', 'LessOrEqual'].map((op) => of(op, [x, [1]])),
  ...['And', 'Or', 'Xor'].map((op) => of(op, [bool, bool])),
  ...['BitwiseAnd', 'BitwiseOr', 'BitwiseXor'].map((op) => of(op, [whole(x), whole([4])], {}, { opset: 18 })),
  of('BitwiseNot', [whole(x)], {}, { opset: 18 }),
  of('BitShift', [uint8(x), uint8([4])], { direction: 'LEFT' }),
  of('Not', [bool]),
  of('Mod', [x, [1]], { fmod: 1 }),
  of('Cast', [x], { to: Code.INT64 }),
  of('Cast', [x], { to: Code.FLOAT16 }),
  of('CastLike', [x, whole([1])]),

  of('MatMul', [x, [4, 5]]),
  of('MatMul', [[4], [2, 4, 5]]),
  of('MatMul', [x, [4]]),
  of('MatMul', [[4], [4]]),
  of('MatMul', [
    [7, 1, 3, 4],
    [2, 4, 6],
  ]),
  of('MatMulInteger', [uint8([2, 3]), uint8([3, 4])]),
  of('QLinearMatMul', [uint8([2, 3]), one(1), byte(0), uint8([3, 4]), one(1), byte(0), one(1), byte(0)]),
  of('Gemm', [[3, 2], [5, 3], [5]], { transA: 1, transB: 1 }),
  of('Einsum', [x, [2, 4, 5]], { equation: 'bij, bjk -> bik' }),
  of(
    'Einsum',
    [
      [3, 4],
      [4, 2],
    ],
    { equation: 'ij,jk' },
  ),

  of('Conv', [picture, [6, 2, 3, 3], [6]], {
    group: 2,
    strides: [2, 1],
    pads: [1, 0, 1, 2],
    dilations: [1, 2],
  }),
  of('Conv', [picture, [6, 4, 3, 3]], { auto_pad: 'SAME_UPPER', strides: [2, 3] }),
  of('Conv', [picture, [6, 4, 3, 3]], { auto_pad: 'VALID' }),
  of('Conv', [
    [2, 3, 11],
    [5, 3, 4],
  ]),
  of('ConvInteger', [uint8(picture), uint8([6, 4, 3, 3])]),
  of('QLinearConv', [uint8(picture), one(1), byte(0), uint8([6, 4, 3, 3]), one(1), byte(0), one(1), byte(0)]),
  of('ConvTranspose', [picture, [4, 3, 3, 3]], {
    group: 2,
    strides: [2, 3],
    output_padding: [1, 0],
    pads: [1, 1, 0, 1],
  }),
  of('ConvTranspose', [picture, [4, 3, 3, 3]], { strides: [2, 2], auto_pad: 'SAME_LOWER' }),
  of('ConvTranspose', [picture, [4, 3, 3, 3]], { strides: [2, 2], output_shape: [20, 18] }),
  of('MaxPool', [picture], { kernel_shape: [3, 2], strides: [2, 2], ceil_mode: 1 }, { outputs: 2 }),
  of(
    'MaxPool',
    [[1, 1, 5, 5]],
    { kernel_shape: [2, 2], strides: [3, 3], pads: [1, 1, 1, 1], ceil_mode: 1 },
    { opset: 22 },
  ),
  of('AveragePool', [picture], { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 1, 0, 1] }),
  of('AveragePool', [picture], { kernel_shape: [3, 3], auto_pad: 'SAME_UPPER', strides: [2, 2] }),
  of('LpPool', [picture], { kernel_shape: [3, 3] }),
  ...['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool'].map((op) => of(op, [picture])),

  of('Shape', [x], { start: 1, end: -1 }),
  of('Reshape', [x, i(0, -1, 2)]),
  of('Reshape', [[0, 3], i(3, 0)], { allowzero: 1 }),
  of('Squeeze', [[1, 2, 1], i(-1)]),
  of('Squeeze', [[1, 2, 1]]),
  of('Squeeze', [[1, 2, 1]], { axes: [0] }, { opset: 11 }),
  of('Unsqueeze', [x, i(-1, 0)]),
  of('Unsqueeze', [x], { axes: [1, 2] }, { opset: 11 }),
  of('Flatten', [x], { axis: -1 }),
  of('Flatten', [x], { axis: 3 }),
  of('Transpose', [x]),
  of('Transpose', [x], { perm: [1, 2, 0] }),
  of('Transpose', [int64('', [1, 2, 3, 4, 5, 6], [2, 3])]),
  of('Concat', [x, [2, 1, 4]], { axis: -2 }),
  of('Concat', [i(1, 2), i(3)], { axis: 0 }),
  of('Concat', [int64('', [1, 2, 3, 4], [2, 2]), int64('', [5, 6], [2, 1])], { axis: 1 }),
  of('Split', [x], { axis: 2 }, { outputs: 2 }),
  of('Split', [[7], i(3, 4)], {}, { outputs: 2 }),
  of('Split', [i(1, 2, 3, 4, 5)], { num_outputs: 2 }, { outputs: 2, opset: 18 }),
  of('Expand', [[3, 1], i(2, 1, 4)]),
  of('Expand', [int64('', [7, 8], [2, 1]), i(2, 3)]),
  of('Tile', [x, i(1, 2, 3)]),
  of('Tile', [i(4, 5), i(3)]),
  of('ConstantOfShape', [i(2, 3)], { value: { tensor: int64('v', [9]) } }),
  of('ConstantOfShape', [i(0)]),
  of('Range', [scalar(10), scalar(1), scalar(-3)]),
  of('NonZero', [int64('', [1, 0, 2, 0, 0, 3], [2, 3])]),
  of('OneHot', [{ type: 'int64', shape: [2, 3] }, i(5), f(0, 1)], { axis: 1 }),

  of('Slice', [x, i(1, -3), i(99, -1), i(1, 2), i(1, 2)]),
  of('Slice', [x, i(-1), i(-99), i(0), i(-1)]),
  of('Slice', [i(1, 2, 3, 4, 5, 6), i(4), i(-9223372036854775000), i(0), i(-2)]),
  of('Slice', [x], { starts: [1], ends: [3], axes: [2] }, { opset: 9 }),
  of('Gather', [x, { type: 'int64', shape: [5, 2] }], { axis: 1 }),
  of('Gather', [i(10, 20, 30), i(-1, 0)]),
  of('Gather', [i(10, 20, 30), scalar(1)]),
  of('Gather', [int64('', [1, 2, 3, 4, 5, 6], [2, 3]), i(2, 0)], { axis: 1 }),
  of('Gather', [int64('', [1, 2, 3, 4, 5, 6], [3, 2]), int64('', [2, 0], [1, 2])]),
  of('Slice', [int64('', [1, 2, 3, 4, 5, 6], [3, 2]), i(-1), i(-99), i(0), i(-1)]),
  of('Slice', [int64('', [1, 2, 3, 4, 5, 6], [2, 3]), i(1), i(3), i(1)]),
  of('GatherElements', [x, { type: 'int64', shape: [2, 1, 4] }], { axis: 1 }),
  of('GatherND', [x, { type: 'int64', shape: [2, 5, 1] }], { batch_dims: 1 }),
  of('GatherND', [x, { type: 'int64', shape: [6, 2] }]),
  of('Scatter', [x, { type: 'int64', shape: [1, 1, 1] }, [1, 1, 1]], {}, { opset: 9 }),
  of('ScatterElements', [x, { type: 'int64', shape: [1, 1, 1] }, [1, 1, 1]]),
  of('ScatterND', [x, { type: 'int64', shape: [1, 1] }, [1, 3, 4]]),
  of('CumSum', [x, scalar(1)]),
  of('ReverseSequence', [x, i(1, 1, 1)], { batch_axis: 1, time_axis: 0 }),
  of('ArgMax', [x], { axis: -1 }),
  of('ArgMin', [x], { axis: 1, keepdims: 0 }),
  of('TopK', [x, i(2)], { axis: 1 }, { outputs: 2 }),
  of('DepthToSpace', [picture], { blocksize: 2 }),
  of('SpaceToDepth', [[1, 4, 6, 8]], { blocksize: 2 }),
  of('Pad', [x, i(1, 0, 2, 0, 1, 0)]),
  of('Pad', [x, i(-1, 2), null, i(-1)], {}, { opset: 18 }),
  of('Pad', [x], { pads: [0, 0, 1, 0, 0, 1] }, { opset: 10 }),

  of('Resize', [picture, null, f(1, 1, 1.7, 0.6)], { mode: 'linear' }),
  of('Resize', [picture, null, null, i(1, 4, 5, 20)], { mode: 'nearest' }),
  // In exact arithmetic 10 * 0.7 in 32 bits is just below 7.
  of('Resize', [[1, 1, 10, 10], null, f(1, 1, 0.7, 0.7)]),
  of('Resize', [picture, f(1, 1, 2, 2)], {}, { opset: 10 }),
  of(
    'Resize',
    [picture, null, null, i(5, 20)],
    { axes: [2, 3], keep_aspect_ratio_policy: 'not_larger', mode: 'linear' },
    { opset: 18 },
  ),
  of(
    'Resize',
    [picture, null, null, i(5, 20)],
    { axes: [2, 3], keep_aspect_ratio_policy: 'not_smaller', mode: 'linear' },
    { opset: 18 },
  ),
  of('Upsample', [picture, f(1, 1, 2, 3)], {}, { opset: 9 }),
  of('GridSample', [picture, [1, 5, 6, 2]]),
  of('RoiAlign', [picture, [3, 4], { type: 'int64', shape: [3] }], { output_height: 2, output_width: 5 }),

  ...reductions.map((op) =>
    of(op, op === 'ReduceSum' ? [x, i(1)] : [x], op === 'ReduceSum' ? {} : { axes: [1] }),
  ),
  ...reductions.map((op) => of(op, [x, i(-1, 0)], { keepdims: 0 }, { opset: 18 })),
  of('ReduceMean', [x], { noop_with_empty_axes: 1 }, { opset: 18 }),
  of('ReduceSum', [i(1, 2, 3)], { keepdims: 0 }),
  of('ReduceProd', [i(2, 3, 4)], { keepdims: 0 }),

  of('InstanceNormalization', [picture, [4], [4]]),
  of('GroupNormalization', [picture, [4], [4]], { num_groups: 2 }, { opset: 21 }),
  of('LRN', [picture], { size: 3 }),
  of('MeanVarianceNormalization', [picture]),
  of('RMSNormalization', [x, [4]], {}, { opset: 23 }),
  of('LayerNormalization', [x, [3, 4], [3, 4]], { axis: 1 }),
  of('BatchNormalization', [picture, [4], [4], [4], [4]]),
  of('Dropout', [x], {}, { outputs: 2 }),

  of(
    'LSTM',
    [
      [5, 2, 3],
      [2, 16, 3],
      [2, 16, 4],
    ],
    { hidden_size: 4, direction: 'bidirectional' },
    { outputs: 3 },
  ),
  of(
    'GRU',
    [
      [5, 2, 3],
      [1, 12, 3],
      [1, 12, 4],
    ],
    { hidden_size: 4 },
    { outputs: 2 },
  ),
  of(
    'RNN',
    [
      [5, 2, 3],
      [1, 4, 3],
      [1, 4, 4],
    ],
    { hidden_size: 4 },
    { outputs: 2 },
  ),

  of('QuantizeLinear', [x, one(0.1), byte(0)]),
  of('QuantizeLinear', [x, one(0.1)]),
  of('DequantizeLinear', [uint8(x), one(0.1)]),
  of('DynamicQuantizeLinear', [x], {}, { outputs: 3 }),
]
