import { MAX_NAME_BYTES } from '../../../protocol/limits.ts'
import { blockFormats, packedBytes, type WeightFormat } from '../../../protocol/weights/blockFormats.ts'
import { quotedName, refuseWeights } from '../../../protocol/weights/refuseWeights.ts'
import {
  DEFAULT_ALIGNMENT,
  formatOfGgufType,
  GGUF_MAGIC,
  GGUF_VERSIONS,
  ggufValueTypes,
  MAX_ALIGNMENT,
  MAX_ARRAY_ELEMENTS,
  MAX_DIMENSIONS,
  MAX_KEY_BYTES,
  MAX_METADATA_KEYS,
  MAX_TENSORS,
  otherGgufTypes,
  valueBytes,
} from './ggufLayout.ts'
import { type GgufScalar, HeaderCursor } from './headerCursor.ts'

export interface GgufTensorInfo {
  name: string
  format: WeightFormat
  /** Row-major, GGUF's dimensions turned round. */
  shape: readonly number[]
  /** First byte in the file. */
  begin: number
  bytes: number
}

export interface GgufHeader {
  version: number
  metadata: ReadonlyMap<string, GgufScalar | GgufScalar[]>
  /** In the file's order. */
  tensors: readonly GgufTensorInfo[]
}

/**
 * Everything before the tensors' data.
 * @param window the file's first bytes
 * @param fileBytes the file's length, against which everything is checked
 * @param what the file, for messages
 * @throws OpentabError `model_refused` naming the field or tensor and the numbers
 * @throws MoreHeaderNeeded when the header goes on after `window`
 */
export function parseGgufHeader(window: Uint8Array, fileBytes: number, what: string): GgufHeader {
  const cursor = new HeaderCursor(window, fileBytes, what)
  const version = readVersion(cursor, what)
  const tensorCount = cursor.count(MAX_TENSORS, 'tensors')
  const keyCount = cursor.count(MAX_METADATA_KEYS, 'metadata keys')
  const metadata = readMetadata(cursor, keyCount, what)
  const alignment = alignmentOf(metadata, what)
  requireOneFile(metadata, what)
  const infos = readInfos(cursor, tensorCount, alignment, what)
  const dataStart = Math.ceil(cursor.at / alignment) * alignment
  const tensors = infos.map(({ offset, ...info }) => ({ ...info, begin: dataStart + offset }))
  requireRoom(tensors, dataStart, fileBytes, what)
  return { version, metadata, tensors }
}

function readVersion(cursor: HeaderCursor, what: string): number {
  cursor.reading = 'the magic number'
  const magic = GGUF_MAGIC.map(() => cursor.byte())
  if (!GGUF_MAGIC.every((byte, i) => magic[i] === byte)) {
    const hex = magic.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    throw refuseWeights(
      `${what} is not a GGUF file: it starts with ${hex} instead of 47 47 55 46.`,
      'Take the GGUF form of the model; ONNX files end in .onnx, safetensors are named by their folder.',
    )
  }
  cursor.reading = 'the version'
  const version = cursor.u32()
  if (version >= GGUF_VERSIONS.from && version <= GGUF_VERSIONS.to) return version
  if ((version & 0xffff) === 0) {
    throw refuseWeights(
      `${what} is a big-endian GGUF file.`,
      'Convert it with gguf_convert_endian.py of llama.cpp, or take the little-endian one.',
    )
  }
  throw refuseWeights(
    `${what} has the GGUF version ${version}; ${GGUF_VERSIONS.from} and ${GGUF_VERSIONS.to} are read.`,
    'Convert the model again with a current llama.cpp.',
  )
}

function readMetadata(
  cursor: HeaderCursor,
  keys: number,
  what: string,
): Map<string, GgufScalar | GgufScalar[]> {
  const metadata = new Map<string, GgufScalar | GgufScalar[]>()
  let elements = 0
  for (let i = 0; i < keys; i++) {
    cursor.reading = `metadata key ${i + 1} of ${keys}`
    const key = cursor.text(MAX_KEY_BYTES)
    if (key === '') throw refuseWeights(`${what} has an empty key as its metadata key ${i + 1}.`)
    if (metadata.has(key)) throw refuseWeights(`${what} has the metadata key ${quotedName(key)} twice.`)
    cursor.reading = `the metadata value ${quotedName(key)}`
    const type = valueTypeOf(cursor.u32(), cursor.reading, what)
    if (type !== 'array') {
      metadata.set(key, cursor.scalar(type))
      continue
    }
    const elementType = valueTypeOf(cursor.u32(), cursor.reading, what)
    if (elementType === 'array') {
      throw refuseWeights(`${what} has an array of arrays in ${cursor.reading}, which is not supported.`)
    }
    const count = cursor.count(MAX_ARRAY_ELEMENTS - elements, `elements in ${cursor.reading}`)
    if (count * valueBytes[elementType] > cursor.left) {
      throw refuseWeights(
        `${what} declares ${count} elements of ${elementType} in ${cursor.reading}, and ${cursor.left} bytes are left.`,
        'The file is cut off or damaged: fetch it again.',
      )
    }
    elements += count
    const values: GgufScalar[] = []
    for (let j = 0; j < count; j++) values.push(cursor.scalar(elementType))
    metadata.set(key, values)
  }
  return metadata
}

function valueTypeOf(number: number, reading: string, what: string) {
  const type = ggufValueTypes[number]
  if (type === undefined) {
    throw refuseWeights(
      `${what} has the unknown type ${number} in ${reading}; types go from 0 to ${ggufValueTypes.length - 1}.`,
    )
  }
  return type
}

function alignmentOf(metadata: ReadonlyMap<string, unknown>, what: string): number {
  const value = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT
  if (
    typeof value === 'number' &&
    value >= 1 &&
    value <= MAX_ALIGNMENT &&
    Number.isInteger(Math.log2(value))
  ) {
    return value
  }
  throw refuseWeights(
    `${what} has the general.alignment ${String(value).slice(0, 40)}; it is a power of two up to ${MAX_ALIGNMENT}.`,
  )
}

function requireOneFile(metadata: ReadonlyMap<string, unknown>, what: string): void {
  const parts = metadata.get('split.count')
  if (parts !== undefined && parts !== 0 && parts !== 1) {
    throw refuseWeights(
      `${what} is one of ${String(parts).slice(0, 40)} parts of a model.`,
      'Join the parts with `llama-gguf-split --merge` and import the result.',
    )
  }
}

function readInfos(cursor: HeaderCursor, count: number, alignment: number, what: string) {
  const names = new Set<string>()
  const infos: (Omit<GgufTensorInfo, 'begin'> & { offset: number })[] = []
  for (let i = 0; i < count; i++) {
    cursor.reading = `the name of tensor ${i + 1} of ${count}`
    const name = cursor.text(MAX_NAME_BYTES)
    const tensor = `Tensor ${quotedName(name)} of ${what}`
    if (name === '') throw refuseWeights(`${what} has no name for tensor ${i + 1}.`)
    if (names.has(name)) throw refuseWeights(`${tensor} stands twice.`)
    names.add(name)
    cursor.reading = `the description of tensor ${quotedName(name)}`
    const rank = cursor.u32()
    if (rank < 1 || rank > MAX_DIMENSIONS) {
      throw refuseWeights(`${tensor} has ${rank} dimensions; 1 to ${MAX_DIMENSIONS} are read.`)
    }
    const dims = Array.from({ length: rank }, () => cursor.u64())
    const type = cursor.u32()
    const offset = cursor.u64()
    const format = formatOfGgufType.get(type)
    if (format === undefined) throw unknownType(tensor, type)
    const bytes = sizeOf(tensor, format, dims)
    if (typeof offset === 'bigint' || offset % alignment !== 0) {
      throw refuseWeights(`${tensor} has the offset ${offset}, which is no multiple of ${alignment}.`)
    }
    infos.push({ name, format, shape: dims.map(Number).reverse(), bytes, offset })
  }
  return infos
}

function unknownType(tensor: string, type: number) {
  const name = otherGgufTypes.get(type)
  return refuseWeights(
    `${tensor} has the ${name ? `type ${name} (${type})` : `unknown type ${type}`}, which is not read.`,
    `Take a file in one of these types: ${[...formatOfGgufType.values()].map((each) => each.toUpperCase()).join(', ')}.`,
  )
}

function sizeOf(tensor: string, format: WeightFormat, dims: readonly (number | bigint)[]): number {
  let elements = 1
  for (const size of dims) {
    if (size < 1) throw refuseWeights(`${tensor} has the shape [${[...dims].reverse().join(', ')}].`)
    elements *= Number(size)
  }
  // Four bytes of head-room, so that the bytes can be counted as well as the elements.
  if (elements > Number.MAX_SAFE_INTEGER / 4) {
    throw refuseWeights(
      `${tensor} has the shape [${[...dims].reverse().join(', ')}], more than can be counted.`,
    )
  }
  const { blockElements } = blockFormats[format]
  if (Number(dims[0]) % blockElements !== 0) {
    throw refuseWeights(
      `${tensor} has rows of ${dims[0]} elements, no whole number of ${format} blocks of ${blockElements}.`,
    )
  }
  return packedBytes(format, elements)
}

/** No tensor lies beyond the file's end or over another one. */
function requireRoom(
  tensors: readonly GgufTensorInfo[],
  dataStart: number,
  fileBytes: number,
  what: string,
): void {
  let last: GgufTensorInfo | undefined
  for (const tensor of [...tensors].sort((a, b) => a.begin - b.begin)) {
    const end = tensor.begin + tensor.bytes
    if (end > fileBytes) {
      throw refuseWeights(
        `Tensor ${quotedName(tensor.name)} lies at bytes ${tensor.begin} to ${end} of ${what}, which has ${fileBytes} bytes.`,
        'The file is cut off: fetch it again.',
      )
    }
    if (last && tensor.begin < last.begin + last.bytes) {
      throw refuseWeights(
        `Tensors ${quotedName(last.name)} and ${quotedName(tensor.name)} of ${what} overlap at byte ${tensor.begin - dataStart} of the data.`,
      )
    }
    last = tensor
  }
}
