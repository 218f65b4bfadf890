import { hash } from 'node:crypto'
import { z } from 'zod'
import { OpentabError } from '../../protocol/errors.ts'
import { MAX_NAME_BYTES, MAX_RANK } from '../../protocol/limits.ts'
import {
  checkTensor,
  type Datatype,
  datatypes,
  elementCount,
  elementsOf,
  type Tensor,
} from '../../protocol/tensor.ts'

/** Outputs up to this many elements come as `data`, larger ones as a blob. */
export const MAX_INLINE_ELEMENTS = 65_536

/** The field that holds tensors in every body: what errors about one of them name; their message names the tensor. */
export const INPUTS = 'inputs'

/** A tensor in JSON: exactly one of `data`, `base64`, `blob`. */
export const tensorJson = z.strictObject({
  name: z
    .string()
    .min(1)
    .refine((name) => name.length <= MAX_NAME_BYTES && Buffer.byteLength(name) <= MAX_NAME_BYTES, {
      error: `must have at most ${MAX_NAME_BYTES} bytes of UTF-8`,
    })
    .refine((name) => name.isWellFormed(), { error: 'must be Unicode without a lone surrogate' }),
  datatype: z.enum(Object.keys(datatypes) as [Datatype, ...Datatype[]]),
  shape: z.array(z.int().nonnegative()).max(MAX_RANK),
  /** Read where they are used: a schema would take as long again for each element. */
  data: z.custom<unknown[]>((data) => Array.isArray(data), { error: 'must be an array' }).optional(),
  base64: z.string().optional(),
  blob: z
    .string()
    .regex(/^[0-9a-f]{64}$/, { error: 'must be a SHA-256 in 64 lower-case hex digits' })
    .optional(),
})
export type TensorJson = z.infer<typeof tensorJson>

/** Gives the bytes of a hash. @throws OpentabError `not_found` */
export type ReadBlob = (sha256: string) => Promise<Uint8Array>

/** `data` is flat, or nested as the shape is. @throws OpentabError `invalid_value` naming the tensor; `not_found` for a blob that is not here */
export async function tensorFromJson(json: TensorJson, readBlob: ReadBlob): Promise<Tensor> {
  const tensor = tensorInJson(json)
  if (tensor) return tensor
  const { name, datatype, shape } = json
  const read = { name, datatype, shape, bytes: await readBlob(json.blob!) }
  checkTensor(read, INPUTS)
  return read
}

/** The tensor whose elements stand in the JSON; null for a blob. @throws OpentabError `invalid_value` naming the tensor */
export function tensorInJson(json: TensorJson): Tensor | null {
  const { name, datatype, shape } = json
  const given = [json.data, json.base64, json.blob].filter((value) => value !== undefined).length
  if (given !== 1) {
    throw new OpentabError('invalid_value', `Tensor ${name} has ${given} of data, base64 and blob.`, {
      param: INPUTS,
      fix: 'Give exactly one.',
    })
  }
  if (json.blob !== undefined) return null
  let bytes: Uint8Array
  if (json.data) {
    const data = inOrder(name, shape, json.data)
    if (data.length !== elementCount(shape)) {
      throw new OpentabError(
        'invalid_value',
        `Tensor ${name} of shape [${shape.join(',')}] needs ${elementCount(shape)} elements and has ${data.length}.`,
        { param: INPUTS },
      )
    }
    bytes = bytesOfData(name, datatype, data)
  } else {
    bytes = decodeBase64(name, json.base64!)
  }
  const tensor = { name, datatype, shape, bytes }
  checkTensor(tensor, INPUTS)
  return tensor
}

/** Elements of `data`, which is flat, or nested exactly as the shape is. */
function inOrder(name: string, shape: readonly number[], data: readonly unknown[]): readonly unknown[] {
  if (!data.some(Array.isArray)) return data
  let level: readonly unknown[] = [data]
  for (const [depth, size] of shape.entries()) {
    for (const [i, list] of level.entries()) {
      if (Array.isArray(list) && list.length === size) continue
      const is = Array.isArray(list) ? `has ${list.length}` : `is ${shown(list)}`
      const which = depth === 0 ? '`data`' : `list ${i} at depth ${depth} of \`data\``
      refuseNesting(name, shape, `${which} ${is} and must have ${size} entries`)
    }
    level = level.flat()
  }
  const deeper = level.findIndex(Array.isArray)
  if (deeper >= 0) refuseNesting(name, shape, `element ${deeper} is a list`)
  return level
}

function refuseNesting(name: string, shape: readonly number[], what: string): never {
  throw new OpentabError(
    'invalid_value',
    `Tensor ${name} is not nested as its shape [${shape.join(',')}]: ${what}.`,
    {
      param: INPUTS,
      fix: 'Nest `data` as the shape is, or give its elements in one flat list, row by row.',
    },
  )
}

function decodeBase64(name: string, text: string): Uint8Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) {
    throw new OpentabError('invalid_value', `Tensor ${name} is not base64.`, { param: INPUTS })
  }
  return Uint8Array.from(Buffer.from(text, 'base64'))
}

const ranges: Partial<Record<Datatype, [number, number]>> = {
  UINT8: [0, 255],
  UINT16: [0, 65_535],
  UINT32: [0, 4_294_967_295],
  INT8: [-128, 127],
  INT16: [-32_768, 32_767],
  INT32: [-2_147_483_648, 2_147_483_647],
}
const wide = { INT64: [-(2n ** 63n), 2n ** 63n - 1n], UINT64: [0n, 2n ** 64n - 1n] } as const
const notFinite: Record<string, number> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
}

const arrays = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  FP16: Float16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const

/** JSON has no word for the infinite number that its readers make of 1e999. */
const shown = (value: unknown): string => (typeof value === 'number' ? String(value) : JSON.stringify(value))

/** Little-endian bytes of JSON elements; a value out of the datatype's range is refused, never wrapped. */
function bytesOfData(name: string, datatype: Datatype, data: readonly unknown[]): Uint8Array {
  const refuse = (index: number): never => {
    throw new OpentabError(
      'invalid_value',
      `Tensor ${name}: element ${index} is ${shown(data[index])}, not ${datatype}.`,
      { param: INPUTS },
    )
  }
  // Such as 1e999, which JSON's readers make infinite.
  const refuseTooLarge = (index: number): never => {
    throw new OpentabError(
      'invalid_value',
      `Tensor ${name}: element ${index} is a number beyond the range of ${datatype}.`,
      { param: INPUTS, fix: 'Write "Infinity" or "-Infinity", as text, where that is meant.' },
    )
  }
  if (datatype === 'BYTES') {
    return Buffer.concat(
      data.flatMap((value, i) => {
        if (typeof value !== 'string') refuse(i)
        const text = Buffer.from(value as string, 'utf8')
        const length = Buffer.alloc(4)
        length.writeUInt32LE(text.byteLength)
        return [length, text]
      }),
    )
  }
  if (datatype === 'INT64' || datatype === 'UINT64') {
    const [least, most] = wide[datatype]
    const out = datatype === 'INT64' ? new BigInt64Array(data.length) : new BigUint64Array(data.length)
    for (const [i, value] of data.entries()) {
      const whole =
        typeof value === 'number'
          ? Number.isSafeInteger(value)
          : typeof value === 'string' && /^-?\d{1,20}$/.test(value)
      if (!whole) refuse(i)
      const big = BigInt(value as number | string)
      if (big < least || big > most) refuse(i)
      out[i] = big
    }
    return new Uint8Array(out.buffer)
  }
  const out = new arrays[datatype](data.length)
  const range = ranges[datatype]
  for (const [i, value] of data.entries()) {
    if (datatype === 'BOOL') {
      if (typeof value !== 'boolean' && value !== 0 && value !== 1) refuse(i)
      out[i] = value ? 1 : 0
      continue
    }
    const number = typeof value === 'string' && !range ? notFinite[value] : value
    if (typeof number !== 'number') return refuse(i)
    if (range && (!Number.isInteger(number) || number < range[0] || number > range[1])) refuse(i)
    out[i] = number
    if (typeof value === 'number' && !Number.isFinite(out[i])) refuseTooLarge(i)
  }
  return new Uint8Array(out.buffer)
}

/** What answers carry for an output tensor. */
export interface OutputJson {
  name: string
  datatype: Datatype
  shape: readonly number[]
  sha256: string
  data?: unknown[]
  blob?: string
}

/** Keeps bytes under their hash, and gives it. */
export type StoreBlob = (bytes: Uint8Array, sha256: string) => Promise<string>

/** @param store keeps the bytes of a tensor that is too large for JSON */
export async function tensorToJson(tensor: Tensor, store: StoreBlob): Promise<OutputJson> {
  const { name, datatype, shape, bytes } = tensor
  const head = { name, datatype, shape, sha256: hash('sha256', bytes, 'hex') }
  if (elementCount(shape) > MAX_INLINE_ELEMENTS) return { ...head, blob: await store(bytes, head.sha256) }
  return { ...head, data: dataOfTensor(tensor) }
}

/** Elements for JSON: numbers; strings for BYTES, for integers over 2^53 and for what JSON has no number for. */
export function dataOfTensor(tensor: Tensor): unknown[] {
  if (tensor.datatype === 'BYTES') return stringsOf(tensor.bytes)
  const elements = elementsOf(tensor)
  if (tensor.datatype === 'BOOL') return Array.from(elements as Uint8Array, (value) => value !== 0)
  if (elements instanceof BigInt64Array || elements instanceof BigUint64Array) {
    return Array.from(elements as BigInt64Array, (value) =>
      Number.isSafeInteger(Number(value)) ? Number(value) : value.toString(),
    )
  }
  const numbers =
    tensor.datatype === 'FP16'
      ? new Float16Array(elements.buffer as ArrayBuffer, elements.byteOffset, elements.length)
      : (elements as Float32Array)
  return Array.from(numbers, (value) => (Number.isFinite(value) ? value : String(value)))
}

function stringsOf(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const strings: string[] = []
  for (let at = 0; at < buffer.byteLength; ) {
    const length = buffer.readUInt32LE(at)
    strings.push(buffer.toString('utf8', at + 4, at + 4 + length))
    at += 4 + length
  }
  return strings
}
