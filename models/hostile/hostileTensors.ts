import { TensorProto_DataLocation } from 'onnx-buf'
import { float32, int64, node, type TensorInit, valueInfo } from '../onnx/buildModel.ts'
import { MAX_TENSOR_ELEMENTS } from '../onnx/limits.ts'
import { type HostileModel, model, operator, text, weight } from './hostileModel.ts'

const external: TensorInit['externalData'] = [{ key: 'location', value: '../../../etc/passwd' }]

/** Models with weights that are not what they say, or that ask for giant tensors. */
export const hostileTensors: HostileModel[] = [
  weight(
    'data outside the file',
    {
      ...float32('w', []),
      dims: [3n],
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: external,
    },
    /"w" keeps its data outside the file, at ".*etc\/passwd"/,
  ),
  weight(
    'an external path without the flag',
    { ...float32('w', [1, 2, 3]), externalData: external },
    /outside the file/,
  ),
  operator(
    'a constant with its data outside the file',
    node('Constant', [], ['y'], {
      value: {
        tensor: {
          ...float32('c', []),
          dataLocation: TensorProto_DataLocation.EXTERNAL,
          externalData: external,
        },
      },
    }),
    /Constant.*outside the file/,
  ),
  weight(
    'fewer bytes than declared',
    { dataType: 1, dims: [3n], rawData: new Uint8Array(8) },
    /"w" of FP32\[3\] needs 12 bytes and has 8/,
  ),
  weight(
    'more bytes than declared',
    { dataType: 1, dims: [3n], rawData: new Uint8Array(4096) },
    /needs 12 bytes and has 4096/,
  ),
  weight('no elements at all', { dataType: 1, dims: [3n] }, /needs 3 elements and has 0/),
  weight(
    'fewer list elements than declared',
    { ...float32('w', [1, 2]), dims: [3n] },
    /needs 3 elements and has 2/,
  ),
  weight('elements twice', { ...float32('w', [1, 2, 3]), rawData: new Uint8Array(12) }, /elements twice/),
  weight(
    'elements in the field of another type',
    { dataType: 1, dims: [3n], int64Data: [1n, 2n, 3n] },
    /elements in the field int64Data/,
  ),
  weight(
    'a negative dimension in a weight',
    { ...float32('w', []), dims: [-3n] },
    /"w" has the negative dimension -3/,
  ),
  weight(
    'dimensions whose product overflows 64 bits',
    { ...float32('w', []), dims: [2n ** 32n, 2n ** 32n] },
    /past 2147483647/,
  ),
  weight(
    'dimensions whose product overflows 32 bits to 0',
    { ...float32('w', []), dims: [65536n, 65536n] },
    /more than 2147483647 elements/,
  ),
  weight(
    'an empty dimension that hides an overflow',
    { ...float32('w', []), dims: [0n, BigInt(MAX_TENSOR_ELEMENTS), 2n] },
    /more than 2147483647 elements/,
  ),
  weight(
    'a string tensor with raw bytes',
    { dataType: 8, dims: [1n], rawData: text('hello') },
    /string tensor with raw bytes/,
  ),
  weight(
    'a string tensor with too few strings',
    { dataType: 8, dims: [1000n], stringData: [text('a')] },
    /needs 1000 elements and has 1/,
  ),
  weight(
    'a tensor in segments',
    { ...float32('w', [1, 2, 3]), segment: { begin: 0n, end: 9n } },
    /cut into segments/,
  ),
  weight(
    'a float8 weight',
    { dataType: 17, dims: [1n], rawData: new Uint8Array(1) },
    /element type FLOAT8E4M3FN|element type number 17/,
  ),
]

/** Small files that ask for giant tensors, and shapes that cannot be known beforehand. */
export const hostileShapes: HostileModel[] = [
  model(
    'a tensor of 2^40 elements from a few bytes',
    {
      nodes: [
        node('ConstantOfShape', ['size'], ['big']),
        node('ReduceSum', ['big'], ['all']),
        node('Add', ['x', 'all'], ['y']),
      ],
      initializers: [int64('size', [2 ** 20, 2 ** 20])],
    },
    /ConstantOfShape "ConstantOfShape_big".*makes a tensor of \[1048576, 1048576\]/,
  ),
  model(
    'an Expand to terabytes',
    {
      nodes: [node('Expand', ['x', 'size'], ['y'])],
      initializers: [int64('size', [2 ** 31, 2, 3])],
      outputs: [valueInfo('y', ['n', 2, 3])],
    },
    /Expand.*makes a tensor/,
  ),
  model(
    'a Tile of a Tile of a Tile',
    {
      nodes: [
        node('Tile', ['x', 'times'], ['a']),
        node('Tile', ['a', 'times'], ['b']),
        node('Tile', ['b', 'times'], ['y']),
      ],
      initializers: [int64('times', [9999, 9999])],
      outputs: [valueInfo('y', ['n', 'm'])],
    },
    /Tile.*makes a tensor/,
  ),
  model(
    'an endless range',
    {
      nodes: [node('Range', ['a', 'b', 'c'], ['y'])],
      initializers: [float32('a', [0], []), float32('b', [1], []), float32('c', [0], [])],
      outputs: [valueInfo('y', ['n'])],
    },
    /Range.*never ends/,
  ),
  model(
    'a negative size',
    {
      nodes: [node('ConstantOfShape', ['size'], ['y'])],
      initializers: [int64('size', [-5])],
      outputs: [valueInfo('y', ['n'])],
    },
    /ConstantOfShape.*\[-5\]/,
  ),
  model(
    'half an element',
    {
      nodes: [node('ConstantOfShape', ['size'], ['y'])],
      initializers: [float32('size', [0.5])],
      outputs: [valueInfo('y', ['n'])],
    },
    /ConstantOfShape "ConstantOfShape_y" cannot take these input shapes/,
  ),
  model(
    'a shape that is an input',
    {
      nodes: [node('Reshape', ['x', 'shape'], ['y'])],
      inputs: [valueInfo('x'), valueInfo('shape', [2], 'INT64')],
    },
    /Reshape.*known only when the graph runs/,
  ),
  model(
    'NonZero of an input',
    { nodes: [node('NonZero', ['x'], ['y'])], outputs: [valueInfo('y', [2, 'n'], 'INT64')] },
    /NonZero.*known only when the graph runs/,
  ),
  model(
    'matrices that do not go together',
    { nodes: [node('MatMul', ['x', 'x'], ['y'])] },
    /MatMul "MatMul_y".*\[2, 3\] times \[2, 3\]/,
  ),
]
