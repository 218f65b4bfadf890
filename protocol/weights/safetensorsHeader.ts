import { MAX_NAME_BYTES, MAX_RANK } from '../limits.ts'
import { quotedName, refuseWeights } from './refuseWeights.ts'

/**
 * The header of a safetensors file: 8 bytes of length (u64, little-endian), then that many bytes of JSON, then the
 * tensors' bytes without holes. Source: https://github.com/huggingface/safetensors#format
 */

/** Largest header, bytes. A tensor takes some 100 bytes, and hostile JSON many times its size in memory. */
export const MAX_HEADER_BYTES = 4 * 1024 * 1024

/** Bytes of one element of each dtype that safetensors names and whose elements are whole bytes. */
const dtypeBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const

export type SafetensorsDtype = keyof typeof dtypeBytes

export interface SafetensorsEntry {
  name: string
  dtype: SafetensorsDtype
  /** Row-major. */
  shape: readonly number[]
  /** First byte of the tensor in the file. */
  begin: number
  /** The byte after its last one. */
  end: number
}

export interface SafetensorsHeader {
  /** `__metadata__`, in the file's order. */
  metadata: ReadonlyMap<string, string>
  /** In the order of their data. */
  entries: readonly SafetensorsEntry[]
}

/**
 * Bytes up to the first tensor, from the first 8 bytes of a file.
 * @param what the file, for messages
 * @throws OpentabError `model_refused` when the length is beyond the file or the limit
 */
export function safetensorsDataStart(first8: Uint8Array, fileBytes: number, what: string): number {
  if (fileBytes < 8 || first8.length < 8) {
    throw refuseWeights(
      `${what} has ${fileBytes} bytes, fewer than the 8 of a safetensors header's length.`,
      COPY,
    )
  }
  const length = new DataView(first8.buffer, first8.byteOffset, 8).getBigUint64(0, true)
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw refuseWeights(
      `${what} declares a header of ${length} bytes; at most ${MAX_HEADER_BYTES} are read.`,
      'Check that it is a safetensors file.',
    )
  }
  if (8 + Number(length) > fileBytes) {
    throw refuseWeights(
      `${what} declares a header of ${length} bytes and has ${fileBytes} bytes in all.`,
      COPY,
    )
  }
  return 8 + Number(length)
}

/**
 * Every tensor of a file, checked against its size: dtypes known, shapes equal to lengths, no hole, no overlap, nothing
 * beyond the end. Tensors without holes also cannot hide a name that stands twice.
 * @param start the file's bytes up to `safetensorsDataStart`
 * @throws OpentabError `model_refused` naming the tensor and the numbers
 */
export function readSafetensorsHeader(start: Uint8Array, fileBytes: number, what: string): SafetensorsHeader {
  const json = parseObject(start.subarray(8), what)
  const metadata = readMetadata(json.__metadata__, what)
  const dataBytes = fileBytes - start.length
  const entries = Object.entries(json)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => readEntry(name, value, start.length, dataBytes))
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)
  let end = start.length
  for (const entry of entries) {
    if (entry.begin !== end) {
      const fault = entry.begin < end ? 'overlaps the tensor before it' : 'leaves a hole before it'
      throw refuseWeights(
        `Tensor ${quotedName(entry.name)} starts at byte ${entry.begin - start.length} of the data and ${fault}, ` +
          `which ends at ${end - start.length}.`,
        COPY,
      )
    }
    end = entry.end
  }
  if (end !== fileBytes) {
    throw refuseWeights(`${what} has ${fileBytes - end} bytes after its last tensor.`, COPY)
  }
  return { metadata, entries }
}

/**
 * The header of a file whose tensors follow each other in the given order.
 * @param alignment the data start at a multiple of so many bytes; the JSON is padded with spaces
 */
export function writeSafetensorsHeader(
  metadata: ReadonlyMap<string, string>,
  tensors: readonly { name: string; dtype: SafetensorsDtype; shape: readonly number[]; bytes: number }[],
  alignment: number,
): Uint8Array<ArrayBuffer> {
  const entries: [string, unknown][] = []
  if (metadata.size > 0) entries.push(['__metadata__', Object.fromEntries(metadata)])
  let at = 0
  for (const { name, dtype, shape, bytes } of tensors) {
    entries.push([name, { dtype, shape, data_offsets: [at, at + bytes] }])
    at += bytes
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)))
  const header = new Uint8Array(Math.ceil((8 + json.length) / alignment) * alignment).fill(0x20)
  if (header.length - 8 > MAX_HEADER_BYTES) {
    throw refuseWeights(
      `${tensors.length} tensors need a header of ${header.length} bytes, past ${MAX_HEADER_BYTES}.`,
    )
  }
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true)
  header.set(json, 8)
  return header
}

const COPY = 'Take another copy of the file.'

function parseObject(bytes: Uint8Array, what: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (isObject(json)) return json
  } catch (cause) {
    throw refuseWeights(
      `The header of ${what} is not valid JSON: ${(cause as Error).message.slice(0, 200)}`,
      COPY,
    )
  }
  throw refuseWeights(`The header of ${what} is not a JSON object.`, COPY)
}

function readMetadata(value: unknown, what: string): Map<string, string> {
  if (value === undefined) return new Map()
  if (!isObject(value)) throw refuseWeights(`__metadata__ of ${what} is not an object.`, COPY)
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') {
      throw refuseWeights(
        `__metadata__ of ${what} has ${typeof text} under ${quotedName(key)} instead of text.`,
        COPY,
      )
    }
  }
  return new Map(Object.entries(value as Record<string, string>))
}

function readEntry(name: string, value: unknown, dataStart: number, dataBytes: number): SafetensorsEntry {
  const tensor = `Tensor ${quotedName(name)}`
  if (new TextEncoder().encode(name).length > MAX_NAME_BYTES) {
    throw refuseWeights(
      `${tensor} has a name of ${name.length} characters; at most ${MAX_NAME_BYTES} bytes are read.`,
    )
  }
  if (!isObject(value)) throw refuseWeights(`${tensor} is not described by an object.`, COPY)
  const { dtype, shape, data_offsets: offsets } = value
  if (typeof dtype !== 'string' || !Object.hasOwn(dtypeBytes, dtype)) {
    throw refuseWeights(`${tensor} has the unknown dtype ${shown(dtype)}.`)
  }
  if (!Array.isArray(shape) || shape.length > MAX_RANK) {
    throw refuseWeights(`${tensor} has the shape ${shown(shape)}; at most ${MAX_RANK} dimensions are read.`)
  }
  let bytes: number = dtypeBytes[dtype as SafetensorsDtype]
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw refuseWeights(
        `${tensor} has the shape ${shown(shape)}; dimensions are whole numbers from 1.`,
        COPY,
      )
    }
    bytes *= size
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(Number.isSafeInteger)) {
    throw refuseWeights(
      `${tensor} has the data_offsets ${shown(offsets)} instead of two whole numbers.`,
      COPY,
    )
  }
  const [from, to] = offsets as [number, number]
  if (from < 0 || to < from || to > dataBytes) {
    throw refuseWeights(`${tensor} lies at bytes ${from} to ${to} of ${dataBytes} bytes of data.`, COPY)
  }
  if (to - from !== bytes) {
    throw refuseWeights(
      `${tensor} is ${dtype} ${shown(shape)}, which takes ${bytes} bytes, and has ${to - from}.`,
      COPY,
    )
  }
  return {
    name,
    dtype: dtype as SafetensorsDtype,
    shape: shape as number[],
    begin: dataStart + from,
    end: dataStart + to,
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 120)
