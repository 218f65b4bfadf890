import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf'
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { ModelProtoSchema } from 'onnx-buf'
import { MAX_DECODED_BYTES, MAX_SUBGRAPH_DEPTH } from './limits.ts'
import { refusal } from './refuse.ts'

/** What one decoded message and one element of a packed list take in memory, bytes, measured roughly and rounded up. */
const MESSAGE_BYTES = 400
const BIGINT_BYTES = 32
const NUMBER_BYTES = 8
const STRING_BYTES = 64

/** graph -> node -> attribute -> graph: three messages a level. */
const MAX_DEPTH = 8 + 3 * MAX_SUBGRAPH_DEPTH

const fieldMaps = new WeakMap<DescMessage, Map<number, DescField>>()
function fieldsOf(schema: DescMessage): Map<number, DescField> {
  const known = fieldMaps.get(schema)
  if (known) return known
  const fields = new Map(schema.fields.map((field) => [field.number, field]))
  fieldMaps.set(schema, fields)
  return fields
}

/**
 * Walks an ONNX file without decoding it and refuses what would take too much memory to decode: a two-byte empty
 * message becomes an object of hundreds of bytes.
 * @throws OpentabError `model_refused` when it is no protobuf, nests too deep or would grow too much
 */
export function scanModel(bytes: Uint8Array): void {
  let decoded = 0
  const grow = (by: number) => {
    decoded += by
    if (decoded > MAX_DECODED_BYTES) {
      throw refusal(
        `The file would take more than ${MAX_DECODED_BYTES / 2 ** 20} MiB to decode beyond its own size.`,
      )
    }
  }

  function walk(reader: BinaryReader, schema: DescMessage, end: number, depth: number): void {
    if (depth > MAX_DEPTH) {
      throw refusal(`Subgraphs are nested deeper than ${MAX_SUBGRAPH_DEPTH} levels.`)
    }
    const fields = fieldsOf(schema)
    grow(MESSAGE_BYTES)
    while (reader.pos < end) {
      const [number, wireType] = reader.tag()
      const field = fields.get(number)
      const message = field?.message
      if (message && wireType === WireType.LengthDelimited) {
        const length = reader.uint32()
        const inner = reader.pos + length
        if (inner > end) throw new RangeError('a message ends after the one around it')
        walk(reader, message, inner, depth + 1)
      } else if (field?.fieldKind === 'list' && wireType === WireType.LengthDelimited) {
        const length = reader.uint32()
        if (reader.pos + length > end) throw new RangeError('a list ends after its message')
        grow(weightOf(field, length))
        reader.pos += length
      } else {
        if (field?.fieldKind === 'list') grow(BIGINT_BYTES)
        reader.skip(wireType, number)
      }
    }
    if (reader.pos !== end) throw new RangeError('a field ends after its message')
  }

  try {
    walk(new BinaryReader(bytes), ModelProtoSchema, bytes.byteLength, 1)
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'OpentabError') throw error
    throw notOnnx(error.message)
  }
}

/** Memory of a packed list, or of one string, of that many bytes. */
function weightOf(field: DescField & { fieldKind: 'list' }, length: number): number {
  if (field.listKind !== 'scalar') return length * NUMBER_BYTES
  switch (field.scalar) {
    case ScalarType.FLOAT:
      return (length / 4) * NUMBER_BYTES
    case ScalarType.DOUBLE:
      return length
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return STRING_BYTES + 2 * length
    case ScalarType.INT64:
    case ScalarType.UINT64:
      return length * BIGINT_BYTES
    default:
      return length * NUMBER_BYTES
  }
}

/** The refusal of bytes that are no ONNX file at all. */
export const notOnnx = (detail: string) =>
  refusal(
    `The file is not an ONNX model, or it is cut off: it does not decode as protobuf (${detail}).`,
    'Export the model as ONNX (not as a PyTorch, TensorFlow or GGUF file) and copy the whole file.',
  )
