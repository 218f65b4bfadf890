import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OpentabError } from './errors.ts'
import { decodeLeases, decodeResults, encodeLeases, encodeResults } from './frames.ts'
import { MAX_FRAME_BYTES } from './limits.ts'
import type { Lease, TaskResult } from './task.ts'
import { type Datatype, datatypes, elementCount, elementsOf, type Tensor } from './tensor.ts'

const anyTensor: fc.Arbitrary<Tensor> = fc
  .record({
    name: fc.string({ maxLength: 12, unit: 'grapheme' }),
    datatype: fc.constantFrom(...(Object.keys(datatypes) as Datatype[])),
    shape: fc.array(fc.nat(3), { maxLength: 4 }),
    seed: fc.nat(255),
    strings: fc.nat(20),
  })
  .map(({ name, datatype, shape, seed, strings }) => {
    const size = datatypes[datatype].bytes
    const bytes = new Uint8Array(size === 0 ? strings : elementCount(shape) * size)
    return { name, datatype, shape, bytes: bytes.map((_, i) => (seed + 37 * i) & 255) }
  })
const anyTensors = fc.array(anyTensor, { maxLength: 4 })
const u32 = fc.integer({ min: 0, max: 0xffffffff })
const anyHash = fc.stringMatching(/^[0-9a-f]{64}$/)
const anyTaskId = fc.maxSafeNat()
const anyLease: fc.Arbitrary<Lease> = fc.record({
  task: anyTaskId,
  generation: u32,
  leaseMs: u32,
  spec: fc.oneof(
    fc.record({
      kind: fc.constant('infer' as const),
      model: anyHash,
      graph: fc.nat(0xffff),
      inputs: anyTensors,
    }),
    fc.record({
      kind: fc.constant('kernel' as const),
      kernel: fc.constantFrom('matmul-i8' as const, 'matmul-f32' as const),
      subject: anyHash,
      shape: fc.record({ m: u32, k: u32, n: u32 }),
      seed: fc.option(u32),
      inputs: anyTensors,
    }),
    fc.record(
      {
        kind: fc.constant('generate' as const),
        model: anyHash,
        scope: fc.integer({ min: 1, max: 0xffffffff }),
        inputs: anyTensors,
      },
      { requiredKeys: ['kind', 'model', 'inputs'] },
    ),
    fc.record({
      kind: fc.constant('stage' as const),
      model: anyHash,
      first: u32,
      last: u32,
      session: u32,
      position: u32,
      inputs: anyTensors,
    }),
    fc.record({ kind: fc.constant('custom' as const), subject: anyHash, inputs: anyTensors }),
  ),
})
const anyResult: fc.Arbitrary<TaskResult> = fc.record({
  task: anyTaskId,
  generation: u32,
  computeMicros: u32,
  outputs: anyTensors,
})
const anyLeases = fc.array(anyLease, { minLength: 1, maxLength: 5 })
const anyResults = fc.array(anyResult, { minLength: 1, maxLength: 5 })

const tensor = (changes: Partial<Tensor> = {}): Tensor => ({
  name: 'c',
  datatype: 'INT32',
  shape: [2, 1],
  bytes: Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0),
  ...changes,
})
const result = (outputs: Tensor[] = [tensor()]): TaskResult => ({
  task: 7,
  generation: 3,
  computeMicros: 9,
  outputs,
})
const lease: Lease = {
  task: 7,
  generation: 3,
  leaseMs: 15_000,
  spec: {
    kind: 'kernel',
    kernel: 'matmul-i8',
    subject: 'ab'.repeat(32),
    shape: { m: 2, k: 3, n: 1 },
    seed: 5,
    inputs: [],
  },
}

/** The code with which a decoder refuses, and its message. */
function refusal(decode: () => unknown): string {
  try {
    decode()
  } catch (error) {
    if (error instanceof OpentabError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'nothing was refused'
}

/** The frame with one byte changed. */
const poke = (frame: Uint8Array, at: number, byte: number): Uint8Array => {
  const changed = frame.slice()
  changed[at] = byte
  return changed
}

/** Frame start of the first result, its tensor, its name's padding. */
const TENSOR_AT = 8 + 24

describe('frames', () => {
  it('[F2] [F6] leases decode to what was encoded', () => {
    fc.assert(
      fc.property(anyLeases, (leases) => {
        expect(decodeLeases(encodeLeases(leases))).toEqual(leases)
      }),
    )
  })

  it('[F3] [F6] results decode to what was encoded', () => {
    fc.assert(
      fc.property(anyResults, (results) => {
        expect(decodeResults(encodeResults(results))).toEqual(results)
      }),
    )
  })

  it('[F4] [F6] every datatype’s elements are there wherever in memory the frame lies, a Node buffer included', () => {
    fc.assert(
      fc.property(anyResults, fc.nat(15), fc.boolean(), (results, offset, asBuffer) => {
        const frame = encodeResults(results)
        const memory = new Uint8Array(frame.byteLength + offset)
        memory.set(frame, offset)
        const moved = asBuffer
          ? Buffer.from(memory.buffer, offset, frame.byteLength)
          : memory.subarray(offset)
        const decoded = decodeResults(moved)
        for (const [i, { outputs }] of decoded.entries()) {
          for (const [t, output] of outputs.entries()) {
            const sent = results[i]!.outputs[t]!
            expect(Buffer.from(output.bytes).equals(sent.bytes)).toBe(true)
            if (output.datatype !== 'BYTES') expect(elementsOf(output)).toEqual(elementsOf(sent))
          }
        }
      }),
    )
  })

  it('[F1] starts with type, version, count and length', () => {
    const frame = encodeResults([result(), result()])
    expect([...frame.subarray(0, 4)]).toEqual([2, 1, 2, 0])
    expect(new DataView(frame.buffer).getUint32(4, true)).toBe(frame.byteLength)
    expect([...encodeLeases([lease]).subarray(0, 4)]).toEqual([1, 1, 1, 0])
  })

  it('[F2] lays a lease out as the table says', () => {
    const view = new DataView(encodeLeases([lease]).buffer)
    expect(view.byteLength).toBe(8 + 80)
    expect(view.getBigUint64(8, true)).toBe(7n)
    expect([8, 12, 20, 60, 64, 68].map((at) => view.getUint32(8 + at, true))).toEqual([3, 15_000, 5, 2, 3, 1])
    expect([16, 17, 24, 55].map((at) => view.getUint8(8 + at))).toEqual([2, 1, 0xab, 0xab])
    expect([18, 56, 58].map((at) => view.getUint16(8 + at, true))).toEqual([0, 1, 0])
  })

  it('[F3] [F4] lays a result and its tensor out as the tables say', () => {
    const frame = encodeResults([{ ...result([tensor({ name: 'cé' })]), task: 2 ** 53 - 1 }])
    const view = new DataView(frame.buffer)
    expect(view.getBigUint64(8, true)).toBe(2n ** 53n - 1n)
    expect(view.getUint32(16, true)).toBe(3)
    expect(view.getUint32(20, true)).toBe(9)
    expect(view.getUint16(24, true)).toBe(1)
    // INT32, rank 2, 3 bytes of name, 8 bytes of data, 2 x 1, the name, 5 zeros, the data.
    expect([...frame.subarray(TENSOR_AT)]).toEqual([
      ...[8, 2, 3, 0, 8, 0, 0, 0],
      ...[2, 0, 0, 0, 1, 0, 0, 0],
      ...[0x63, 0xc3, 0xa9, 0, 0, 0, 0, 0],
      ...[1, 0, 0, 0, 2, 0, 0, 0],
    ])
  })

  it('[F5] refuses every truncation of a frame', () => {
    for (const frame of [encodeResults([result(), result()]), encodeLeases([lease, lease])]) {
      const decode = frame[0] === 1 ? decodeLeases : decodeResults
      for (let length = 0; length < frame.byteLength; length++) {
        expect(refusal(() => decode(frame.subarray(0, length)))).toMatch(/^bad_frame: .*cut off/)
      }
    }
  })

  it('[F5] refuses a truncation that announces itself rightly', () => {
    const frame = encodeResults([result()])
    for (let length = 8; length < frame.byteLength; length += 8) {
      const cut = frame.slice(0, length)
      new DataView(cut.buffer).setUint32(4, length, true)
      expect(refusal(() => decodeResults(cut))).toMatch(/^bad_frame: .*cut off/)
    }
  })

  it('[F5] refuses trailing bytes, announced or not', () => {
    const frame = encodeResults([result()])
    const longer = new Uint8Array(frame.byteLength + 8)
    longer.set(frame)
    expect(refusal(() => decodeResults(longer))).toMatch(/^bad_frame: .*8 trailing bytes/)
    new DataView(longer.buffer).setUint32(4, longer.byteLength, true)
    expect(refusal(() => decodeResults(longer))).toMatch(/^bad_frame: .*8 trailing bytes/)
  })

  it('[F5] keep a name that begins with a byte order mark', () => {
    const named = { ...result([tensor({ name: '\ufeffc' })]) }
    expect(decodeResults(encodeResults([named]))[0]!.outputs[0]!.name).toBe('\ufeffc')
  })

  it('[F5] names an unknown type, also that of the other direction, and another version', () => {
    const frame = encodeResults([result()])
    expect(refusal(() => decodeResults(poke(frame, 0, 9)))).toMatch(/^unknown_message: .*9/)
    expect(refusal(() => decodeResults(encodeLeases([lease])))).toMatch(/^unknown_message/)
    expect(refusal(() => decodeLeases(frame))).toMatch(/^unknown_message/)
    expect(refusal(() => decodeResults(poke(frame, 1, 2)))).toMatch(/^wrong_version: .*version 2.*speaks 1/)
  })

  it('[F5] refuses no item and more than 64', () => {
    const frame = encodeResults([result()])
    expect(refusal(() => decodeResults(poke(frame, 2, 0)))).toMatch(/^bad_frame: .*0 items/)
    expect(refusal(() => decodeResults(poke(frame, 2, 65)))).toMatch(/^bad_frame: .*65 items/)
    expect(refusal(() => decodeLeases(encodeLeases(Array(65).fill(lease))))).toMatch(/^bad_frame: .*65 items/)
  })

  it('[F5] refuses unknown datatypes, ranks, names, kinds, kernels and flags', () => {
    const frame = encodeResults([result()])
    expect(refusal(() => decodeResults(poke(frame, TENSOR_AT, 0)))).toMatch(/datatype 0 is unknown/)
    expect(refusal(() => decodeResults(poke(frame, TENSOR_AT, 14)))).toMatch(/datatype 14 is unknown/)
    expect(refusal(() => decodeResults(poke(frame, TENSOR_AT + 1, 9)))).toMatch(/rank 9 is over 8/)
    expect(refusal(() => decodeResults(poke(frame, TENSOR_AT + 3, 1)))).toMatch(
      /a name of 257 bytes is over 255/,
    )
    expect(refusal(() => decodeResults(poke(frame, TENSOR_AT + 16, 0xff)))).toMatch(/not UTF-8/)
    expect(refusal(() => decodeResults(poke(frame, 8 + 16, 65)))).toMatch(/65 tensors/)
    const leases = encodeLeases([lease])
    expect(refusal(() => decodeLeases(poke(leases, 8 + 16, 6)))).toMatch(/task kind 6 is unknown/)
    expect(refusal(() => decodeLeases(poke(leases, 8 + 56, 9)))).toMatch(/kernel 9 is unknown/)
    expect(refusal(() => decodeLeases(poke(leases, 8 + 17, 2)))).toMatch(/flags 2 are unknown/)
  })

  it('[F5] refuses data that does not fit the shape', () => {
    const frame = encodeResults([result()])
    expect(refusal(() => decodeResults(poke(frame, TENSOR_AT + 8, 3)))).toMatch(/INT32\[3,1\] has 8 bytes/)
    expect(refusal(() => decodeResults(poke(frame, TENSOR_AT, 9)))).toMatch(/INT64\[2,1\] has 8 bytes/)
  })

  it('[F5] refuses a task id of 2^53', () => {
    const frame = encodeResults([result()])
    new DataView(frame.buffer).setUint32(8 + 4, 0x20_0000, true)
    expect(refusal(() => decodeResults(frame))).toMatch(/^bad_frame: .*2\^53/)
  })

  it('[F5] refuses every reserved byte that is not zero', () => {
    const results = encodeResults([result([tensor({ shape: [1, 1], bytes: Uint8Array.of(1, 0, 0, 0) })])])
    // Behind a result's counts; behind the name "c"; behind four bytes of data.
    const reserved = [
      ...range(26, 32),
      ...range(TENSOR_AT + 17, TENSOR_AT + 24),
      ...range(TENSOR_AT + 28, TENSOR_AT + 32),
    ]
    expect(results.byteLength).toBe(TENSOR_AT + 32)
    for (const at of reserved)
      expect(refusal(() => decodeResults(poke(results, at, 1)))).toMatch(/^bad_frame: .*reserved/)
    const leases = encodeLeases([lease])
    for (const at of [...range(8 + 58, 8 + 60), ...range(8 + 72, 8 + 80)])
      expect(refusal(() => decodeLeases(poke(leases, at, 1)))).toMatch(/^bad_frame: .*reserved/)
  })

  it('[F5] [M1] refuses to make or to read a frame over the limit', () => {
    const huge = tensor({
      datatype: 'UINT8',
      shape: [MAX_FRAME_BYTES],
      bytes: new Uint8Array(MAX_FRAME_BYTES),
    })
    expect(refusal(() => encodeResults([result([huge])]))).toMatch(/^frame_too_large/)
    expect(refusal(() => decodeResults(new Uint8Array(MAX_FRAME_BYTES + 8)))).toMatch(/^frame_too_large/)
  })

  it('[F5] never throws anything but its named errors, whatever is changed', () => {
    const change = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      byte: fc.nat(255),
    })
    const changes = fc.array(change, { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(anyLeases, anyResults, changes, fc.nat(40), (leases, results, changed, cut) => {
        for (const whole of [encodeLeases(leases), encodeResults(results)]) {
          const frame = whole.slice(0, Math.max(0, whole.byteLength - (cut > 20 ? 0 : cut)))
          for (const { at, byte } of changed) frame[Math.floor(at * frame.byteLength)] = byte
          for (const decode of [decodeLeases, decodeResults])
            expect(refusal(() => decode(frame))).toMatch(
              /^(nothing was refused|bad_frame:|unknown_message:|wrong_version:|frame_too_large:)/,
            )
        }
      }),
      { numRuns: 300 },
    )
  })

  it('[F5] never throws anything but its named errors on noise behind a right header', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 3 }), (noise, count) => {
        const frame = new Uint8Array(8 + noise.byteLength)
        frame.set(noise, 8)
        const view = new DataView(frame.buffer)
        view.setUint16(2, count, true)
        view.setUint32(4, frame.byteLength, true)
        frame[1] = 1
        for (const [type, decode] of [
          [1, decodeLeases],
          [2, decodeResults],
        ] as const) {
          frame[0] = type
          expect(refusal(() => decode(frame))).toMatch(/^(nothing was refused|bad_frame:)/)
        }
      }),
      { numRuns: 300 },
    )
  })
})

function* range(from: number, to: number): Iterable<number> {
  for (let at = from; at < to; at++) yield at
}
