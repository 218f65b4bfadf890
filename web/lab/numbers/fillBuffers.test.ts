import { describe, expect, it } from 'vitest'
import { inputsOf } from './fillBuffers.ts'
import type { SizedBuffer } from './labNumbersApi.ts'

const buffer = (fields: Partial<SizedBuffer>): SizedBuffer => ({
  name: 'x',
  datatype: 'FP32',
  shape: [2, 2],
  role: 'input',
  fill: { kind: 'zeros' },
  ...fields,
})
const fill = (fields: Partial<SizedBuffer>) => inputsOf({ buffers: [buffer(fields)], numbers: {}, seed: 1 })
/** The elements, or the key of what is wrong. */
function outcome(fields: Partial<SizedBuffer>): number[] | string {
  const answer = fill(fields)
  if (!answer.ok) return answer.faults[0]!.words.key
  return Array.from(new Float32Array(answer.inputs.get('x')!.buffer))
}
const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))
const file = (bytes: Uint8Array) => ({ kind: 'file' as const, name: 'x.npy', base64: base64(bytes) })

/** A .npy file, version 1.0. */
function npy(descr: string, shape: readonly number[], data: ArrayBufferView, fortran = false): Uint8Array {
  const order = fortran ? 'True' : 'False'
  const header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape.join(', ')},), }`
  const text = `${header.padEnd(117)}\n`
  const magic = [0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, text.length & 255, text.length >> 8]
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return Uint8Array.from([...magic, ...new TextEncoder().encode(text), ...bytes])
}
const floats = Float32Array.of(1, 2, 3, 4)

describe('a file', () => {
  it('of raw bytes must have as many as the buffer', () => {
    expect(outcome({ fill: { kind: 'file', name: 'x.bin', base64: '' } })).toBe('fault.noFile')
    expect(outcome({ fill: file(new Uint8Array(12)) })).toBe('fault.fileBytes')
    expect(outcome({ fill: file(new Uint8Array(20)) })).toBe('fault.fileBytes')
    expect(outcome({ fill: file(new Uint8Array(floats.buffer)) })).toEqual([1, 2, 3, 4])
  })

  it('of NumPy is read as an array, not as bytes, and may be flat', () => {
    expect(outcome({ fill: file(npy('<f4', [2, 2], floats)) })).toEqual([1, 2, 3, 4])
    expect(outcome({ fill: file(npy('<f8', [4], Float64Array.of(1, 2, 3, 0.1))) })).toEqual([
      1,
      2,
      3,
      Math.fround(0.1),
    ])
  })

  it.each([
    ['of another shape', npy('<f4', [4, 1], floats), 'fault.npyShape'],
    ['that was cut', npy('<f4', [2, 2], floats.subarray(1)), 'fault.npyCut'],
    ['that was cut in its header', npy('<f4', [2, 2], floats).subarray(0, 40), 'fault.npyCut'],
    ['of big-endian numbers', npy('>f4', [2, 2], floats), 'fault.npyDtype'],
    ['of complex numbers', npy('<c8', [2], floats), 'fault.npyDtype'],
    ['in Fortran order', npy('<f4', [2, 2], floats, true), 'fault.npyOrder'],
  ])('of NumPy %s is refused', (_, bytes, key) => {
    expect(outcome({ fill: file(bytes) })).toBe(key)
  })

  it('of fractions, or of numbers that are too large, fills no whole numbers', () => {
    const whole = (data: Float64Array) =>
      outcome({ datatype: 'UINT8', shape: [data.length], fill: file(npy('<f8', [data.length], data)) })
    expect(whole(Float64Array.of(0.5))).toBe('fault.npyType')
    expect(whole(Float64Array.of(256))).toBe('fault.npyType')
    expect(whole(Float64Array.of(-1))).toBe('fault.npyType')
    expect(whole(Float64Array.of(0, 255, 7, 8))).not.toBe('fault.npyType')
  })
})

it.each([
  [{ low: 1, high: 1 }, 'FP32', 'fault.bounds'],
  [{ low: 5 }, 'FP32', 'fault.bounds'],
  [{ high: 1e99 }, 'FP32', 'fault.boundsType'],
  [{ high: 70_000 }, 'FP16', 'fault.boundsType'],
  [{ low: -1 }, 'UINT32', 'fault.boundsType'],
  [{ high: 2.5 }, 'INT8', 'fault.boundsType'],
  [{ high: 300 }, 'UINT8', 'fault.boundsType'],
] as const)('random values within %j of %s are refused', (bounds, datatype, key) => {
  expect(outcome({ datatype, fill: { kind: 'random', ...bounds } })).toBe(key)
})

describe('whole numbers of 64 bits', () => {
  const most = 2n ** 63n - 1n
  const odd = BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n, most, -1n)
  /** The elements, or the key of what is wrong. */
  function wide(fields: Partial<SizedBuffer>): bigint[] | string {
    const answer = fill({ datatype: 'INT64', ...fields })
    if (!answer.ok) return answer.faults[0]!.words.key
    return Array.from(new BigInt64Array(answer.inputs.get('x')!.buffer))
  }

  it('come out of a file of NumPy as they are, also where no double holds them', () => {
    expect(wide({ fill: file(npy('<i8', [4], odd)) })).toEqual(Array.from(odd))
    expect(wide({ fill: file(npy('<u8', [4], BigUint64Array.of(0n, 1n, 2n, 2n ** 63n))) })).toBe(
      'fault.npyType',
    )
    expect(wide({ fill: file(npy('<f8', [4], Float64Array.of(-(2 ** 63), 2 ** 62, 0, 1))) })).toEqual([
      -(2n ** 63n),
      2n ** 62n,
      0n,
      1n,
    ])
    expect(wide({ fill: file(npy('<f8', [4], Float64Array.of(2 ** 63, 0, 0, 0))) })).toBe('fault.npyType')
  })

  it('that are random reach every bit, the lowest and the highest', () => {
    const values = wide({ shape: [256], fill: { kind: 'random' } }) as bigint[]
    const bits = values.map((value) => BigInt.asUintN(64, value))
    expect(bits.reduce((all, value) => all | value)).toBe(2n ** 64n - 1n)
    expect(bits.reduce((all, value) => all & value)).toBe(0n)
    const few = wide({ shape: [256], fill: { kind: 'random', low: -3, high: 4 } }) as bigint[]
    expect([...new Set(few)].sort((a, b) => Number(a - b))).toEqual([-3n, -2n, -1n, 0n, 1n, 2n, 3n])
  })

  it('are random only between bounds that a double holds', () => {
    expect(wide({ fill: { kind: 'random', high: 2 ** 53 } })).toBe('fault.boundsWide')
    expect(wide({ fill: { kind: 'random', low: -(2 ** 60) } })).toBe('fault.boundsWide')
    expect(wide({ fill: { kind: 'random', low: 0.5 } })).toBe('fault.boundsType')
    expect(wide({ datatype: 'UINT64', fill: { kind: 'random', low: -1 } })).toBe('fault.boundsType')
    expect(wide({ fill: { kind: 'random', low: 2 ** 53 - 2, high: 2 ** 53 - 1 } })).toEqual(
      Array(4).fill(2n ** 53n - 2n),
    )
  })
})
