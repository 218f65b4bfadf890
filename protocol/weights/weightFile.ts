import { MAX_RANK } from '../limits.ts'
import { blockFormats, isWeightFormat, packedBytes, type WeightFormat } from './blockFormats.ts'
import { quotedName, refuseWeights } from './refuseWeights.ts'
import {
  readSafetensorsHeader,
  type SafetensorsDtype,
  type SafetensorsEntry,
  safetensorsDataStart,
  writeSafetensorsHeader,
} from './safetensorsHeader.ts'

/**
 * The packed weights of one shard as one standard safetensors file.
 *
 * - f32, f16 and bf16 tensors have their own dtypes.
 * - A tensor in blocks has the dtype U8 and the shape [rows, bytes of a row], and two entries of `__metadata__`:
 *   `format:NAME` (a WeightFormat) and `shape:NAME` (the logical shape, such as "576,1536").
 * - Every tensor starts at a multiple of 64 bytes. The format allows no holes, so the space between is filled by U8
 *   tensors of zeros whose names start with `pad:`.
 */

export interface WeightTensor {
  name: string
  format: WeightFormat
  /** Logical shape, row-major; the last dimension is a whole number of blocks. */
  shape: readonly number[]
  /** u8[packedBytes(format, elements)]. */
  bytes: Uint8Array
}

/** Bytes at whose multiples tensors start: a cache line, and enough for any typed view. */
const ALIGNMENT = 64
const PAD = 'pad:'
const FORMAT = 'format:'
const SHAPE = 'shape:'

const dtypeOf: Partial<Record<WeightFormat, SafetensorsDtype>> = { f32: 'F32', f16: 'F16', bf16: 'BF16' }
const formatOf: Partial<Record<SafetensorsDtype, WeightFormat>> = { F32: 'f32', F16: 'f16', BF16: 'bf16' }

/** What a weight file is made of, before its tensors' bytes. */
export interface WeightFileLayout {
  /** What stands before the first tensor. */
  header: Uint8Array<ArrayBuffer>
  /** Of each tensor: its bytes, and the zeros that follow them. */
  tensors: readonly { bytes: number; padding: number }[]
  fileBytes: number
}

/**
 * For writing a file piece by piece: the header, then each tensor's bytes with its padding.
 * @throws OpentabError `model_refused` for a name that stands twice or is reserved, or a shape that is no whole blocks
 */
export function weightFileLayout(tensors: readonly Omit<WeightTensor, 'bytes'>[]): WeightFileLayout {
  const metadata = new Map<string, string>()
  const parts: { name: string; dtype: SafetensorsDtype; shape: readonly number[]; bytes: number }[] = []
  const names = new Set<string>()
  const sizes = tensors.map(({ name, format, shape }) => {
    if (names.has(name)) throw refuseWeights(`Tensor ${quotedName(name)} stands twice.`)
    if (name === '__metadata__' || name.startsWith(PAD)) {
      throw refuseWeights(`Tensor ${quotedName(name)} has a reserved name.`, 'Give the tensor another name.')
    }
    names.add(name)
    const [rows, rowBytes] = packedShape(name, format, shape)
    const bytes = rows * rowBytes
    const dtype = dtypeOf[format]
    if (dtype) parts.push({ name, dtype, shape, bytes })
    else {
      metadata.set(FORMAT + name, format).set(SHAPE + name, shape.join(','))
      parts.push({ name, dtype: 'U8', shape: [rows, rowBytes], bytes })
    }
    const padding = (ALIGNMENT - (bytes % ALIGNMENT)) % ALIGNMENT
    if (padding > 0)
      parts.push({ name: `${PAD}${parts.length}`, dtype: 'U8', shape: [padding], bytes: padding })
    return { bytes, padding }
  })
  const header = writeSafetensorsHeader(metadata, parts, ALIGNMENT)
  const fileBytes = parts.reduce((sum, part) => sum + part.bytes, header.length)
  return { header, tensors: sizes, fileBytes }
}

/**
 * @returns the file's bytes; the same tensors in the same order give the same bytes
 * @throws OpentabError `model_refused` for a name that stands twice or is reserved, or bytes that contradict the shape
 */
export function encodeWeightFile(tensors: readonly WeightTensor[]): Uint8Array<ArrayBuffer> {
  const layout = weightFileLayout(tensors)
  const file = new Uint8Array(layout.fileBytes)
  file.set(layout.header)
  let at = layout.header.length
  for (const [i, { name, format, shape, bytes }] of tensors.entries()) {
    const size = layout.tensors[i]!
    if (bytes.length !== size.bytes) {
      throw refuseWeights(
        `Tensor ${quotedName(name)} is ${format} [${shape.join(', ')}], which takes ${size.bytes} bytes, and has ${bytes.length}.`,
      )
    }
    file.set(bytes, at)
    at += size.bytes + size.padding
  }
  return file
}

/**
 * The tensors of a weight file by name, in the file's order. Their bytes are views into `file`.
 * @throws OpentabError `model_refused` naming the tensor and the numbers, for any file that encodeWeightFile does not write
 */
export function decodeWeightFile(file: Uint8Array): Map<string, WeightTensor> {
  const what = 'The weight file'
  const start = safetensorsDataStart(file.subarray(0, 8), file.length, what)
  const { metadata, entries } = readSafetensorsHeader(file.subarray(0, start), file.length, what)
  const tensors = new Map<string, WeightTensor>()
  for (const entry of entries) {
    if (entry.name.startsWith(PAD)) {
      if (entry.dtype === 'U8' && entry.end - entry.begin < ALIGNMENT) continue
      throw refuseWeights(`Tensor ${quotedName(entry.name)} is no filling of less than ${ALIGNMENT} bytes.`)
    }
    if (entry.begin % ALIGNMENT !== 0) {
      throw refuseWeights(
        `Tensor ${quotedName(entry.name)} starts at byte ${entry.begin}, which is no multiple of ${ALIGNMENT}.`,
      )
    }
    tensors.set(entry.name, {
      name: entry.name,
      ...formatAndShape(entry, metadata),
      bytes: file.subarray(entry.begin, entry.end),
    })
  }
  for (const key of metadata.keys()) {
    const prefix = [FORMAT, SHAPE].find((each) => key.startsWith(each))
    if (prefix && !tensors.has(key.slice(prefix.length))) {
      throw refuseWeights(`The metadata name ${quotedName(key)}, and there is no such tensor.`)
    }
  }
  return tensors
}

function formatAndShape(
  entry: SafetensorsEntry,
  metadata: ReadonlyMap<string, string>,
): { format: WeightFormat; shape: readonly number[] } {
  const tensor = `Tensor ${quotedName(entry.name)}`
  const named = metadata.get(FORMAT + entry.name)
  const shapeText = metadata.get(SHAPE + entry.name)
  const plain = formatOf[entry.dtype]
  if (plain) {
    if (named !== undefined || shapeText !== undefined) {
      throw refuseWeights(`${tensor} is ${entry.dtype} and has a packed format in the metadata.`)
    }
    packedShape(entry.name, plain, entry.shape)
    return { format: plain, shape: entry.shape }
  }
  if (entry.dtype !== 'U8')
    throw refuseWeights(`${tensor} has the dtype ${entry.dtype}, which no weight has.`)
  if (named === undefined || !isWeightFormat(named) || dtypeOf[named]) {
    throw refuseWeights(
      `${tensor} is U8 and has the packed format ${quotedName(named ?? '')} in the metadata.`,
    )
  }
  if (shapeText === undefined || !/^[1-9]\d{0,14}(,[1-9]\d{0,14})*$/.test(shapeText)) {
    throw refuseWeights(`${tensor} has the logical shape ${quotedName(shapeText ?? '')} in the metadata.`)
  }
  const shape = shapeText.split(',').map(Number)
  const [rows, rowBytes] = packedShape(entry.name, named, shape)
  if (entry.shape.length !== 2 || entry.shape[0] !== rows || entry.shape[1] !== rowBytes) {
    throw refuseWeights(
      `${tensor} is ${named} [${shape.join(', ')}], which is U8 [${rows}, ${rowBytes}], and is U8 [${entry.shape.join(', ')}].`,
    )
  }
  return { format: named, shape }
}

/** Rows, and bytes of one row. */
function packedShape(name: string, format: WeightFormat, shape: readonly number[]): [number, number] {
  const tensor = `Tensor ${quotedName(name)}`
  if (
    shape.length < 1 ||
    shape.length > MAX_RANK ||
    shape.some((size) => !Number.isSafeInteger(size) || size < 1)
  ) {
    throw refuseWeights(
      `${tensor} has the shape [${shape.join(', ')}]; weights have 1 to ${MAX_RANK} dimensions, each at least 1.`,
    )
  }
  const rowElements = shape[shape.length - 1]!
  const { blockElements } = blockFormats[format]
  if (rowElements % blockElements !== 0) {
    throw refuseWeights(
      `${tensor} has rows of ${rowElements} elements, no whole number of ${format} blocks of ${blockElements}.`,
    )
  }
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1)
  const rowBytes = packedBytes(format, rowElements)
  if (!Number.isSafeInteger(rows * rowBytes)) {
    throw refuseWeights(`${tensor} is ${format} [${shape.join(', ')}], more than can be counted.`)
  }
  return [rows, rowBytes]
}
