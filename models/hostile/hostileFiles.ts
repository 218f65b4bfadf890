import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { GraphProtoSchema, ModelProtoSchema, TensorProtoSchema } from 'onnx-buf'
import { buildModel, node, valueInfo } from '../onnx/buildModel.ts'
import { MAX_NODES } from '../onnx/limits.ts'
import { file, type HostileModel, model, relu, text } from './hostileModel.ts'

const harmless = buildModel({ nodes: [relu] })

/** Files that do not decode, or that would take too much memory to decode. */
export const hostileFiles: HostileModel[] = [
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
