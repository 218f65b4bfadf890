import { OpentabError } from './errors.ts'
import {
  MAX_FRAME_BYTES,
  MAX_LEASES,
  MAX_NAME_BYTES,
  MAX_RANK,
  MAX_RESULTS,
  MAX_TENSORS,
  PROTOCOL_VERSION,
} from './limits.ts'
import {
  type KernelName,
  kernelCodes,
  type Lease,
  type TaskResult,
  type TaskSpec,
  taskKindCodes,
} from './task.ts'
import { datatypeOfCode, datatypes, elementCount, type Tensor } from './tensor.ts'

/**
 * The binary frames: leases (relay to tab) and results (tab to relay). Little-endian; every item and every tensor's
 * bytes start at a multiple of 8, so that a typed array can look at them in place. The layout is in protocol/SPEC.md.
 */

const LEASES = 1
const RESULTS = 2
const HEADER_BYTES = 8
const LEASE_BYTES = 80
const RESULT_BYTES = 24
const TENSOR_BYTES = 8
const HAS_SEED = 1

const pad8 = (bytes: number): number => (bytes + 7) & ~7
const textEncoder = new TextEncoder()
const textDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const kernelNames = Object.fromEntries(
  Object.entries(kernelCodes).map(([name, code]) => [code, name]),
) as Record<number, KernelName>
const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

const nameBytes = (name: string): number => {
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) > 127) return textEncoder.encode(name).length
  return name.length
}

function tensorBytes(tensor: Tensor): number {
  return pad8(TENSOR_BYTES + 4 * tensor.shape.length + nameBytes(tensor.name)) + pad8(tensor.bytes.byteLength)
}

const tensorsBytes = (tensors: readonly Tensor[]): number => {
  let bytes = 0
  for (const tensor of tensors) bytes += tensorBytes(tensor)
  return bytes
}

/** Subjects repeat from lease to lease: the bytes of the last few are kept. */
const knownHashes = new Map<string, Uint8Array>()
const MAX_KNOWN_HASHES = 256

function hashBytes(hex: string): Uint8Array {
  const known = knownHashes.get(hex)
  if (known) return known
  const bytes = new Uint8Array(32)
  for (let i = 0; i < 32; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)
  if (knownHashes.size >= MAX_KNOWN_HASHES) knownHashes.clear()
  knownHashes.set(hex, bytes)
  return bytes
}

class Writer {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly view: DataView
  at = 0

  constructor(size: number) {
    if (size > MAX_FRAME_BYTES) {
      throw new OpentabError(
        'frame_too_large',
        `A frame of ${size} bytes is over the limit of ${MAX_FRAME_BYTES}.`,
      )
    }
    this.bytes = new Uint8Array(size)
    this.view = new DataView(this.bytes.buffer)
  }

  header(type: number, count: number): void {
    this.view.setUint8(0, type)
    this.view.setUint8(1, PROTOCOL_VERSION)
    this.view.setUint16(2, count, true)
    this.view.setUint32(4, this.bytes.byteLength, true)
    this.at = HEADER_BYTES
  }

  safeInteger(at: number, value: number): void {
    this.view.setUint32(at, value >>> 0, true)
    this.view.setUint32(at + 4, Math.floor(value / 0x1_0000_0000), true)
  }

  hash(at: number, hex: string): void {
    this.bytes.set(hashBytes(hex), at)
  }

  tensors(tensors: readonly Tensor[]): void {
    const { view } = this
    for (const tensor of tensors) {
      const at = this.at
      view.setUint8(at, datatypes[tensor.datatype].code)
      view.setUint8(at + 1, tensor.shape.length)
      const afterShape = at + TENSOR_BYTES + 4 * tensor.shape.length
      for (let i = 0; i < tensor.shape.length; i++)
        view.setUint32(at + TENSOR_BYTES + 4 * i, tensor.shape[i]!, true)
      const { written } = textEncoder.encodeInto(tensor.name, this.bytes.subarray(afterShape))
      view.setUint16(at + 2, written, true)
      view.setUint32(at + 4, tensor.bytes.byteLength, true)
      const data = at + pad8(afterShape + written - at)
      this.bytes.set(tensor.bytes, data)
      this.at = data + pad8(tensor.bytes.byteLength)
    }
  }
}

const specTensors = (spec: TaskSpec): readonly Tensor[] => spec.inputs

/** One frame of 1 to MAX_LEASES leases. @throws OpentabError `frame_too_large` */
export function encodeLeases(leases: readonly Lease[]): Uint8Array<ArrayBuffer> {
  let size = HEADER_BYTES
  for (const lease of leases) size += LEASE_BYTES + tensorsBytes(specTensors(lease.spec))
  const writer = new Writer(size)
  writer.header(LEASES, leases.length)
  const { view } = writer
  for (const { task, generation, leaseMs, spec } of leases) {
    const at = writer.at
    writer.safeInteger(at, task)
    view.setUint32(at + 8, generation, true)
    view.setUint32(at + 12, leaseMs, true)
    view.setUint8(at + 16, taskKindCodes[spec.kind])
    view.setUint16(at + 18, specTensors(spec).length, true)
    switch (spec.kind) {
      case 'infer':
        writer.hash(at + 24, spec.model)
        view.setUint16(at + 56, spec.graph, true)
        break
      case 'kernel':
        writer.hash(at + 24, spec.subject)
        view.setUint16(at + 56, kernelCodes[spec.kernel], true)
        if (spec.seed !== null) {
          view.setUint8(at + 17, HAS_SEED)
          view.setUint32(at + 20, spec.seed, true)
        }
        view.setUint32(at + 60, spec.shape.m, true)
        view.setUint32(at + 64, spec.shape.k, true)
        view.setUint32(at + 68, spec.shape.n, true)
        break
      case 'generate':
        writer.hash(at + 24, spec.model)
        view.setUint32(at + 72, spec.scope ?? 0, true)
        break
      case 'custom':
        writer.hash(at + 24, spec.subject)
        break
      case 'stage':
        writer.hash(at + 24, spec.model)
        view.setUint32(at + 60, spec.first, true)
        view.setUint32(at + 64, spec.last, true)
        view.setUint32(at + 68, spec.position, true)
        view.setUint32(at + 72, spec.session, true)
        break
      default:
        spec satisfies never
    }
    writer.at = at + LEASE_BYTES
    writer.tensors(specTensors(spec))
  }
  return writer.bytes
}

/** One frame of 1 to MAX_RESULTS results. @throws OpentabError `frame_too_large` */
export function encodeResults(results: readonly TaskResult[]): Uint8Array<ArrayBuffer> {
  let size = HEADER_BYTES
  for (const result of results) size += RESULT_BYTES + tensorsBytes(result.outputs)
  const writer = new Writer(size)
  writer.header(RESULTS, results.length)
  for (const { task, generation, computeMicros, outputs } of results) {
    const at = writer.at
    writer.safeInteger(at, task)
    writer.view.setUint32(at + 8, generation, true)
    writer.view.setUint32(at + 12, Math.min(computeMicros, 0xffffffff), true)
    writer.view.setUint16(at + 16, outputs.length, true)
    writer.at = at + RESULT_BYTES
    writer.tensors(outputs)
  }
  return writer.bytes
}

class Reader {
  readonly bytes: Uint8Array
  readonly view: DataView
  at = 0

  constructor(bytes: Uint8Array) {
    if (bytes.byteLength > MAX_FRAME_BYTES) {
      throw new OpentabError(
        'frame_too_large',
        `A frame of ${bytes.byteLength} bytes is over the limit of ${MAX_FRAME_BYTES}.`,
      )
    }
    // Items are looked at in place, which needs an 8-aligned start; a socket may deliver any offset. `slice` would not
    // do: that of a Node buffer copies nothing.
    this.bytes = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes)
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength)
  }

  fail(what: string): never {
    throw new OpentabError(
      'bad_frame',
      `A frame of ${this.bytes.byteLength} bytes: ${what} at byte ${this.at}.`,
    )
  }

  need(bytes: number, what: string): void {
    if (this.at + bytes > this.bytes.byteLength) this.fail(`${what} is cut off`)
  }

  zero(from: number, to: number): void {
    for (let i = from; i < to; i++) if (this.bytes[i] !== 0) this.fail('reserved bytes are not zero')
  }

  header(type: number, most: number): number {
    this.need(HEADER_BYTES, 'the header')
    const { view } = this
    const found = view.getUint8(0)
    if (found !== type)
      throw new OpentabError('unknown_message', `There is no binary frame type ${found} in this direction.`)
    const version = view.getUint8(1)
    if (version !== PROTOCOL_VERSION) {
      throw new OpentabError(
        'wrong_version',
        `The frame speaks version ${version}; this side speaks ${PROTOCOL_VERSION}.`,
      )
    }
    const count = view.getUint16(2, true)
    const declared = view.getUint32(4, true)
    if (declared > this.bytes.byteLength) this.fail(`${declared} bytes are announced, the frame is cut off`)
    if (declared < this.bytes.byteLength) this.fail(`${this.bytes.byteLength - declared} trailing bytes`)
    if (count < 1 || count > most) this.fail(`${count} items, allowed are 1 to ${most}`)
    this.at = HEADER_BYTES
    return count
  }

  end(): void {
    if (this.at !== this.bytes.byteLength) this.fail(`${this.bytes.byteLength - this.at} trailing bytes`)
  }

  safeInteger(at: number): number {
    const high = this.view.getUint32(at + 4, true)
    if (high >= 0x20_0000) this.fail('a task id is over 2^53')
    return high * 0x1_0000_0000 + this.view.getUint32(at, true)
  }

  hash(at: number): string {
    let hex = ''
    for (let i = 0; i < 32; i++) hex += hexDigits[this.bytes[at + i]!]
    return hex
  }

  /** A tensor's name. Nearly all are a few ASCII letters, for which a decoder's set-up costs more than the work. */
  text(from: number, to: number): string {
    let text = ''
    for (let i = from; i < to; i++) {
      const byte = this.bytes[i]!
      if (byte > 127) return this.utf8(from, to)
      text += String.fromCharCode(byte)
    }
    return text
  }

  utf8(from: number, to: number): string {
    try {
      return textDecoder.decode(this.bytes.subarray(from, to))
    } catch {
      this.fail('a tensor name is not UTF-8')
    }
  }

  tensors(count: number): Tensor[] {
    if (count > MAX_TENSORS) this.fail(`${count} tensors, at most ${MAX_TENSORS} are allowed`)
    const { view, bytes } = this
    const tensors: Tensor[] = []
    for (let t = 0; t < count; t++) {
      this.need(TENSOR_BYTES, 'a tensor')
      const at = this.at
      const code = view.getUint8(at)
      const datatype = datatypeOfCode(code)
      if (!datatype) this.fail(`datatype ${code} is unknown`)
      const rank = view.getUint8(at + 1)
      if (rank > MAX_RANK) this.fail(`rank ${rank} is over ${MAX_RANK}`)
      const nameLength = view.getUint16(at + 2, true)
      if (nameLength > MAX_NAME_BYTES) this.fail(`a name of ${nameLength} bytes is over ${MAX_NAME_BYTES}`)
      const byteLength = view.getUint32(at + 4, true)
      const head = pad8(TENSOR_BYTES + 4 * rank + nameLength)
      this.need(head + pad8(byteLength), 'a tensor')
      const shape: number[] = []
      for (let i = 0; i < rank; i++) shape.push(view.getUint32(at + TENSOR_BYTES + 4 * i, true))
      const nameAt = at + TENSOR_BYTES + 4 * rank
      const name = this.text(nameAt, nameAt + nameLength)
      const data = at + head
      const size = datatypes[datatype].bytes
      if (size > 0 && elementCount(shape) * size !== byteLength) {
        this.fail(`${name} of ${datatype}[${shape.join(',')}] has ${byteLength} bytes`)
      }
      this.zero(nameAt + nameLength, data)
      this.zero(data + byteLength, data + pad8(byteLength))
      tensors.push({ name, datatype, shape, bytes: bytes.subarray(data, data + byteLength) })
      this.at = data + pad8(byteLength)
    }
    return tensors
  }
}

/**
 * The leases of a frame. Tensor bytes are views of the frame.
 * @throws OpentabError `bad_frame`, `unknown_message`, `wrong_version`, `frame_too_large`
 */
export function decodeLeases(frame: Uint8Array): Lease[] {
  const reader = new Reader(frame)
  const count = reader.header(LEASES, MAX_LEASES)
  const { view } = reader
  const leases: Lease[] = []
  for (let i = 0; i < count; i++) {
    reader.need(LEASE_BYTES, 'a lease')
    const at = reader.at
    const task = reader.safeInteger(at)
    const generation = view.getUint32(at + 8, true)
    const leaseMs = view.getUint32(at + 12, true)
    const kind = view.getUint8(at + 16)
    const flags = view.getUint8(at + 17)
    const tensorCount = view.getUint16(at + 18, true)
    const seed = flags & HAS_SEED ? view.getUint32(at + 20, true) : null
    const subject = reader.hash(at + 24)
    const which = view.getUint16(at + 56, true)
    const m = view.getUint32(at + 60, true)
    const k = view.getUint32(at + 64, true)
    const n = view.getUint32(at + 68, true)
    if (flags & ~HAS_SEED) reader.fail(`flags ${flags} are unknown`)
    reader.zero(at + 58, at + 60)
    const session = view.getUint32(at + 72, true)
    if (kind !== taskKindCodes.stage && kind !== taskKindCodes.generate) reader.zero(at + 72, at + 76)
    reader.zero(at + 76, at + LEASE_BYTES)
    reader.at = at + LEASE_BYTES
    const inputs = reader.tensors(tensorCount)
    if (kind === taskKindCodes.infer) {
      leases.push({
        task,
        generation,
        leaseMs,
        spec: { kind: 'infer', model: subject, graph: which, inputs },
      })
    } else if (kind === taskKindCodes.kernel) {
      const kernel = kernelNames[which] ?? reader.fail(`kernel ${which} is unknown`)
      leases.push({
        task,
        generation,
        leaseMs,
        spec: { kind: 'kernel', kernel, subject, shape: { m, k, n }, seed, inputs },
      })
    } else if (kind === taskKindCodes.generate) {
      const scope = session === 0 ? {} : { scope: session }
      leases.push({ task, generation, leaseMs, spec: { kind: 'generate', model: subject, ...scope, inputs } })
    } else if (kind === taskKindCodes.stage) {
      leases.push({
        task,
        generation,
        leaseMs,
        spec: { kind: 'stage', model: subject, first: m, last: k, position: n, session, inputs },
      })
    } else if (kind === taskKindCodes.custom) {
      leases.push({ task, generation, leaseMs, spec: { kind: 'custom', subject, inputs } })
    } else {
      reader.fail(`task kind ${kind} is unknown`)
    }
  }
  reader.end()
  return leases
}

/**
 * The results of a frame. Tensor bytes are views of the frame.
 * @throws OpentabError `bad_frame`, `unknown_message`, `wrong_version`, `frame_too_large`
 */
export function decodeResults(frame: Uint8Array): TaskResult[] {
  const reader = new Reader(frame)
  const count = reader.header(RESULTS, MAX_RESULTS)
  const { view } = reader
  const results: TaskResult[] = []
  for (let i = 0; i < count; i++) {
    reader.need(RESULT_BYTES, 'a result')
    const at = reader.at
    const task = reader.safeInteger(at)
    const generation = view.getUint32(at + 8, true)
    const computeMicros = view.getUint32(at + 12, true)
    const tensorCount = view.getUint16(at + 16, true)
    reader.zero(at + 18, at + RESULT_BYTES)
    reader.at = at + RESULT_BYTES
    results.push({ task, generation, computeMicros, outputs: reader.tensors(tensorCount) })
  }
  reader.end()
  return results
}
