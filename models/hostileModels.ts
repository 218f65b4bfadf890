import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import {
  GraphProtoSchema,
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from 'onnx-buf'
import {
  buildModel,
  float32,
  type GraphInit,
  int64,
  type ModelParts,
  type NodeInit,
  node,
  type TensorInit,
  valueInfo,
} from './onnx/buildModel.ts'
import { MAX_NODES, MAX_TENSOR_ELEMENTS } from './onnx/limits.ts'

/** A file that must be refused, for tests. */
export interface HostileModel {
  /** What is wrong with it. */
  name: string
  /** Builds the file. */
  bytes(): Uint8Array<ArrayBuffer>
  /** What the refusal must say: the operator or tensor and the reason. */
  reason: RegExp
}

const text = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content)
const relu = node('Relu', ['x'], ['y'])
const harmless = buildModel({ nodes: [relu] })

const file = (name: string, bytes: Uint8Array<ArrayBuffer>, reason: RegExp): HostileModel => ({
  name,
  bytes: () => bytes,
  reason,
})
const model = (name: string, parts: ModelParts, reason: RegExp): HostileModel => ({
  name,
  bytes: () => buildModel(parts),
  reason,
})
/** One node between `x` and `y`. */
const operator = (name: string, only: NodeInit, reason: RegExp, opset = 17): HostileModel =>
  model(name, { nodes: [only], opset }, reason)
/** A weight that is added to `x`. */
const weight = (name: string, tensor: TensorInit, reason: RegExp): HostileModel =>
  model(name, { nodes: [node('Add', ['x', 'w'], ['y'])], initializers: [{ ...tensor, name: 'w' }] }, reason)

const notDecodable: HostileModel[] = [
  file('an empty file', new Uint8Array(0), /The file is empty/),
  file('a file cut off in the middle', harmless.slice(0, harmless.length - 20), /cut off/),
  file(
    'a PNG picture',
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13),
    /not an ONNX model/,
  ),
  file(
    'a zip archive (a PyTorch file)',
    text('PK\u0003\u0004\u0014\u0000\u0000\u0000\u0008\u0008archive/data.pkl'),
    /not an ONNX model|IR version/,
  ),
  file('a GGUF file', text('GGUF\u0003\u0000\u0000\u0000\u0000\u0000'), /not an ONNX model/),
  file('a web page', text('<!doctype html><title>404 Not Found</title>'), /not an ONNX model/),
  model('no graph', { nodes: [], model: { graph: undefined } }, /holds no graph/),
  file(
    'a declared length far past the end',
    Uint8Array.of(0x08, 8, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x07),
    /cut off/,
  ),
  {
    name: 'three megabytes of empty messages, which would take gigabytes to decode',
    bytes: () => emptyNodes(1_500_000),
    reason: /more than 512 MiB to decode/,
  },
  {
    name: 'a packed list of zeros, each of which would take 32 bytes',
    bytes: () => packedZeros(17 * 2 ** 20),
    reason: /more than 512 MiB to decode/,
  },
  { name: 'too many nodes', bytes: () => manyNodes(MAX_NODES + 1), reason: /more than 50000 nodes/ },
]

const wrongModel: HostileModel[] = [
  model('an IR version from before 2017', { nodes: [relu], irVersion: 2 }, /IR version 2/),
  model('an IR version from the future', { nodes: [relu], irVersion: 99 }, /IR version 99/),
  model('an operator set that is too old', { nodes: [relu], opset: 6 }, /operator set 6/),
  model('an operator set from the future', { nodes: [relu], opset: 999 }, /operator set 999/),
  model('no operator set', { nodes: [relu], model: { opsetImport: [] } }, /names no operator set/),
  model(
    'two operator sets',
    { nodes: [relu], model: { opsetImport: [{ version: 12n }, { domain: 'ai.onnx', version: 17n }] } },
    /two operator sets/,
  ),
  model(
    'a foreign operator domain',
    { nodes: [relu], model: { opsetImport: [{ version: 17n }, { domain: 'com.microsoft', version: 1n }] } },
    /domain "com\.microsoft"/,
  ),
  model(
    'functions of its own',
    { nodes: [relu], model: { functions: [{ name: 'mine' }] } },
    /function "mine"/,
  ),
  model('training information', { nodes: [relu], model: { trainingInfo: [{}] } }, /training information/),
  model('no inputs', { nodes: [relu], inputs: [] }, /no inputs/),
  model('no outputs', { nodes: [relu], outputs: [] }, /no outputs/),
  model(
    '65 inputs',
    { nodes: [relu], inputs: Array.from({ length: 65 }, (_, i) => valueInfo(`x${i}`)) },
    /65 inputs/,
  ),
  model('sparse initializers', { nodes: [relu], graph: { sparseInitializer: [{}] } }, /sparse initializers/),
]

const wrongTypes: HostileModel[] = [
  model(
    'a sequence as input',
    { nodes: [relu], inputs: [{ name: 'x', type: { value: { case: 'sequenceType', value: {} } } }] },
    /Input "x" is a sequence/,
  ),
  model(
    'a map as input',
    { nodes: [relu], inputs: [{ name: 'x', type: { value: { case: 'mapType', value: {} } } }] },
    /Input "x" is a map/,
  ),
  model(
    'an optional as output',
    { nodes: [relu], outputs: [{ name: 'y', type: { value: { case: 'optionalType', value: {} } } }] },
    /Output "y" is an optional/,
  ),
  model('an input of no type', { nodes: [relu], inputs: [{ name: 'x' }] }, /Input "x" is of no type/),
  model(
    'an input without a shape',
    { nodes: [relu], inputs: [valueInfo('x', null)] },
    /Input "x" declares no shape/,
  ),
  model(
    'complex numbers',
    { nodes: [relu], inputs: [valueInfo('x', [2], 'COMPLEX64')] },
    /element type COMPLEX64/,
  ),
  model(
    'an element type that does not exist',
    {
      nodes: [relu],
      inputs: [{ name: 'x', type: { value: { case: 'tensorType', value: { elemType: 99 } } } }],
    },
    /element type number 99/,
  ),
  model(
    'a negative dimension',
    { nodes: [relu], inputs: [valueInfo('x', [-1, 3])] },
    /negative dimension -1/,
  ),
  model(
    'nine dimensions',
    { nodes: [relu], inputs: [valueInfo('x', [1, 1, 1, 1, 1, 1, 1, 1, 1])] },
    /9 dimensions/,
  ),
  model(
    'a giant input',
    { nodes: [relu], inputs: [valueInfo('x', [1_000_000, 1_000_000])] },
    /Input "x" declares \[1000000, 1000000\]/,
  ),
  model(
    'a name of 300 characters',
    { nodes: [relu], inputs: [valueInfo('n'.repeat(300))] },
    /name of more than 255 bytes/,
  ),
  model(
    'an output of another type than declared',
    { nodes: [relu], outputs: [valueInfo('y', [2, 3], 'INT64')] },
    /declared as INT64 and is FP32/,
  ),
  model(
    'an output of another rank than declared',
    { nodes: [relu], outputs: [valueInfo('y', [6])] },
    /1 dimensions and has 2/,
  ),
]

const external: TensorInit['externalData'] = [{ key: 'location', value: '../../../etc/passwd' }]
const wrongTensors: HostileModel[] = [
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

const nested = (depth: number): GraphInit => ({
  name: `branch_${depth}`,
  node: [
    depth === 0
      ? node('Identity', ['x'], [`out_${depth}`])
      : node('If', ['condition'], [`out_${depth}`], {
          then_branch: { graph: nested(depth - 1) },
          else_branch: {
            graph: {
              node: [node('Identity', ['x'], [`other_${depth}`])],
              output: [valueInfo(`other_${depth}`)],
            },
          },
        }),
  ],
  output: [valueInfo(`out_${depth}`)],
})
const branch = (output: string, more: GraphInit = {}): GraphInit => ({
  node: [node('Identity', ['x'], [output])],
  output: [valueInfo(output)],
  ...more,
})
/** An If on a Boolean input. */
const choice = (name: string, attributes: Parameters<typeof node>[3], reason: RegExp): HostileModel =>
  model(
    name,
    {
      nodes: [node('If', ['condition'], ['y'], attributes)],
      inputs: [valueInfo('x'), valueInfo('condition', [], 'BOOL')],
    },
    reason,
  )

const wrongStructure: HostileModel[] = [
  model(
    'a cycle',
    { nodes: [node('Add', ['x', 'b'], ['a']), node('Relu', ['a'], ['b']), node('Relu', ['b'], ['y'])] },
    /a cycle/,
  ),
  model(
    'a node that feeds itself',
    { nodes: [node('Add', ['x', 'y'], ['y'])] },
    /Add "the_Add" needs.*its own output "y"/,
  ),
  model(
    'a tensor that nothing makes',
    { nodes: [node('Add', ['x', 'ghost'], ['y'])] },
    /"ghost" is used and nothing makes it/,
  ),
  model(
    'an output that nothing makes',
    { nodes: [relu], outputs: [valueInfo('ghost')] },
    /Output "ghost" is made by no node/,
  ),
  model(
    'two nodes that make one tensor',
    { nodes: [relu, node('Sigmoid', ['x'], ['y'])] },
    /Sigmoid "the_Sigmoid" makes "y", which is there already/,
  ),
  model(
    'a node that makes an input',
    { nodes: [node('Relu', ['x'], ['x'])], outputs: [valueInfo('x')] },
    /makes "x", which is there already/,
  ),
  model(
    'an output listed twice',
    { nodes: [relu], outputs: [valueInfo('y'), valueInfo('y')] },
    /Output "y" is listed twice/,
  ),
  model(
    'an input listed twice',
    { nodes: [relu], inputs: [valueInfo('x'), valueInfo('x')] },
    /makes "x", which is there already/,
  ),
  model(
    'an initializer listed twice',
    { nodes: [relu], initializers: [float32('w', [1]), float32('w', [2])] },
    /"w" is there twice/,
  ),
  model(
    'subgraphs nested without end',
    {
      nodes: (nested(12).node ?? []) as NodeInit[],
      inputs: [valueInfo('x'), valueInfo('condition', [], 'BOOL')],
      outputs: [valueInfo('out_12')],
    },
    /nested deeper than 8/,
  ),
  model(
    'protobuf messages nested 25 deep',
    {
      nodes: (nested(25).node ?? []) as NodeInit[],
      inputs: [valueInfo('x'), valueInfo('condition', [], 'BOOL')],
      outputs: [valueInfo('out_25')],
    },
    /nested deeper than 8/,
  ),
  choice(
    'an If without an else',
    { then_branch: { graph: branch('a') } },
    /If "the_If" is refused: it lacks one of its two branches/,
  ),
  choice(
    'an If whose branches give nothing',
    { then_branch: { graph: branch('a', { output: [] }) }, else_branch: { graph: branch('b') } },
    /another number of outputs/,
  ),
  choice(
    'a branch that shadows a tensor around it',
    { then_branch: { graph: branch('x') }, else_branch: { graph: branch('b') } },
    /makes "x", which is there already/,
  ),
  choice(
    'a branch with inputs',
    { then_branch: { graph: branch('a', { input: [valueInfo('z')] }) }, else_branch: { graph: branch('b') } },
    /has inputs of its own/,
  ),
  choice(
    'branches of different shapes',
    {
      then_branch: { graph: branch('a') },
      else_branch: { graph: branch('b', { node: [node('Concat', ['x', 'x'], ['b'], { axis: 0 })] }) },
    },
    /its branches give \[2, 3\] and \[4, 3\]/,
  ),
  operator(
    'a subgraph on another operator',
    node('Relu', ['x'], ['y'], { body: { graph: branch('a') } }),
    /Relu.*only If may have one/,
  ),
  operator(
    'an attribute twice',
    {
      ...node('Softmax', ['x'], ['y']),
      attribute: [
        { name: 'axis', type: Kind.INT, i: 0n },
        { name: 'axis', type: Kind.INT, i: 1n },
      ],
    },
    /"axis" twice/,
  ),
  operator(
    'an attribute from a function',
    { ...node('Softmax', ['x'], ['y']), attribute: [{ name: 'axis', refAttrName: 'outer' }] },
    /from a function/,
  ),
  operator('too few inputs', node('Add', ['x'], ['y']), /has 1 inputs and takes 2/),
  operator('too many outputs', node('Relu', ['x'], ['y', 'z']), /has 2 outputs and gives 1/),
  operator(
    'five thousand inputs of one node',
    node(
      'Concat',
      Array.from({ length: 5000 }, () => 'x'),
      ['y'],
      { axis: 0 },
    ),
    /more than 4096 inputs/,
  ),
]

const random = /is refused: it is random/
const wrongOperators: HostileModel[] = [
  operator('RandomNormal', node('RandomNormal', [], ['y'], { shape: [2, 3] }), random),
  operator('RandomNormalLike', node('RandomNormalLike', ['x'], ['y']), random),
  operator('RandomUniform', node('RandomUniform', [], ['y'], { shape: [2, 3] }), random),
  operator('RandomUniformLike', node('RandomUniformLike', ['x'], ['y']), random),
  operator('Multinomial', node('Multinomial', ['x'], ['y']), random),
  operator('Bernoulli', node('Bernoulli', ['x'], ['y']), random),
  model(
    'Dropout in training mode',
    {
      nodes: [node('Dropout', ['x', 'ratio', 'train'], ['y'])],
      initializers: [float32('ratio', [0.5], []), { name: 'train', dataType: 9, dims: [], int32Data: [1] }],
    },
    /Dropout "the_Dropout" is refused: it is in training mode/,
  ),
  model(
    'Dropout whose mode is an input',
    {
      nodes: [node('Dropout', ['x', 'ratio', 'train'], ['y'])],
      inputs: [valueInfo('x'), valueInfo('train', [], 'BOOL')],
      initializers: [float32('ratio', [0.5], [])],
    },
    /training mode/,
  ),
  operator(
    'BatchNormalization in training mode',
    node('BatchNormalization', ['x', 'x', 'x', 'x', 'x'], ['y'], { training_mode: 1 }),
    /BatchNormalization.*training mode/,
  ),
  operator(
    'a loop',
    node('Loop', ['x'], ['y'], { body: { graph: branch('a') } }),
    /Loop "the_Loop" is refused: how often it runs/,
  ),
  operator(
    'a scan',
    node('Scan', ['x'], ['y'], { body: { graph: branch('a') } }),
    /Scan "the_Scan" is refused/,
  ),
  operator('a sequence operator', node('SequenceConstruct', ['x'], ['y']), /SequenceConstruct.*sequences/),
  operator('an optional operator', node('Optional', ['x'], ['y']), /Optional.*optionals/),
  operator('a string operator', node('StringNormalizer', ['x'], ['y']), /StringNormalizer.*text/),
  operator('a file decoder', node('ImageDecoder', ['x'], ['y'], {}), /ImageDecoder.*decodes files/, 20),
  operator(
    'an output as long as the values say',
    node('NonMaxSuppression', ['x', 'x'], ['y']),
    /NonMaxSuppression.*depends on values/,
  ),
  operator(
    'an operator that does not exist',
    node('LaunchMissiles', ['x'], ['y']),
    /"LaunchMissiles" is not on the allow-list/,
  ),
  operator('an operator without a name', node('', ['x'], ['y']), /not on the allow-list/),
  operator('an operator of a foreign domain', { ...relu, domain: 'com.evil' }, /domain "com\.evil"/),
  operator(
    'an operator of a later set',
    node('Gelu', ['x'], ['y']),
    /Gelu came with operator set 20, the model declares 17/,
  ),
  operator(
    'an operator of an earlier set',
    node('Upsample', ['x', 'x'], ['y']),
    /Upsample ended with operator set 9/,
  ),
  operator('a cast to complex numbers', node('Cast', ['x'], ['y'], { to: 14 }), /casts to COMPLEX64/),
  operator(
    'an Einsum with an ellipsis',
    node('Einsum', ['x'], ['y'], { equation: '...i->...' }),
    /only letters/,
  ),
]

/** Small files that ask for giant tensors, and shapes that cannot be known beforehand. */
const wrongShapes: HostileModel[] = [
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
    /ConstantOfShape "the_ConstantOfShape".*makes a tensor of \[1048576, 1048576\]/,
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
    /MatMul "the_MatMul".*\[2, 3\] times \[2, 3\]/,
  ),
]

/** Every file that an import must refuse, with what the refusal must say. */
export const hostileModels: readonly HostileModel[] = [
  ...notDecodable,
  ...wrongModel,
  ...wrongTypes,
  ...wrongTensors,
  ...wrongStructure,
  ...wrongOperators,
  ...wrongShapes,
]

/** A graph of that many empty nodes, two bytes each. */
function emptyNodes(count: number): Uint8Array<ArrayBuffer> {
  const graph = new Uint8Array(2 * count)
  for (let at = 0; at < graph.length; at += 2) graph[at] = 0x0a
  return withGraph(graph)
}

/** A graph with one initializer whose list of integers is that many zero bytes. */
function packedZeros(count: number): Uint8Array<ArrayBuffer> {
  const list = field(TensorProtoSchema.field.int64Data.number, new Uint8Array(count))
  return withGraph(field(GraphProtoSchema.field.initializer.number, list))
}

function manyNodes(count: number): Uint8Array<ArrayBuffer> {
  const nodes = Array.from({ length: count }, (_, i) =>
    node('Relu', [i === 0 ? 'x' : `t${i}`], [`t${i + 1}`]),
  )
  return buildModel({ nodes, outputs: [valueInfo(`t${count}`)] })
}

/** A model around the bytes of a graph. */
const withGraph = (graph: Uint8Array): Uint8Array<ArrayBuffer> =>
  field(ModelProtoSchema.field.graph.number, graph)

const field = (number: number, content: Uint8Array): Uint8Array<ArrayBuffer> =>
  new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(content).finish()
