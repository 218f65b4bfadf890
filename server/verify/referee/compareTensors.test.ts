import { describe, expect, it } from 'vitest'
import { type Datatype, type Tensor, tensorOf } from '../../../protocol/tensor.ts'
import { compareTensors } from './compareTensors.ts'
import { halfToNumber } from './halfToNumber.ts'

const tolerance = { rtol: 1e-3, atol: 1e-4 }
const floats = (...values: number[]): Tensor =>
  tensorOf('y', 'FP32', [values.length], new Float32Array(values))
const compare = (actual: Tensor, expected: Tensor) => compareTensors([actual], [expected], tolerance)

describe('floats', () => {
  it('agree where they are equal, without a tolerance as well', () => {
    const values = floats(0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-40)
    expect(compareTensors([values], [values], { rtol: 0, atol: 0 })).toBeNull()
    expect(compareTensors([floats(0)], [floats(-0)], { rtol: 0, atol: 0 })).toBeNull()
  })

  it('agree within atol + rtol |expected|, and not beyond', () => {
    expect(compare(floats(1000.9), floats(1000))).toBeNull()
    expect(compare(floats(1001.1), floats(1000))).toContain('is 1001.09')
    expect(compare(floats(0.00009), floats(0))).toBeNull()
    expect(compare(floats(0.00011), floats(0))).not.toBeNull()
    expect(compare(floats(-1), floats(1))).not.toBeNull()
  })

  it.each([
    [Number.NaN, 1],
    [1, Number.NaN],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    [Number.POSITIVE_INFINITY, 3e38],
    [3e38, Number.POSITIVE_INFINITY],
    [Number.NaN, Number.POSITIVE_INFINITY],
  ])('%d is not %d', (actual, expected) => {
    expect(compare(floats(actual), floats(expected))).not.toBeNull()
  })

  it('name the first and the worst mismatch with position and both values', () => {
    const shape = [2, 3]
    const actual = { ...floats(0, 1.5, 2, 3, 90, 5), shape }
    const expected = { ...floats(0, 1, 2, 3, 4, 5), shape }
    expect(compareTensors([actual], [expected], tolerance)).toBe(
      '2 of 6 elements of y [2,3] are wrong (tolerance 0.0001 + 0.001 * |expected|): the first at [0,1] is 1.5 and must be 1; the worst at [1,1] is 90 and must be 4.',
    )
  })

  it('name a NaN as the worst', () => {
    expect(compare(floats(9, Number.NaN, 8), floats(1, 1, 1))).toContain(
      'the worst at [1] is NaN and must be 1.',
    )
  })

  it('of 64 and of 16 bits are compared by value', () => {
    const double = (x: number) => tensorOf('y', 'FP64', [1], new Float64Array([x]))
    expect(compare(double(1 + 1e-9), double(1))).toBeNull()
    expect(compare(double(2), double(1))).not.toBeNull()
    const half = (bits: number) => tensorOf('y', 'FP16', [1], new Uint16Array([bits]))
    expect(compare(half(0x3c00), half(0x3c01))).toBeNull()
    expect(compare(half(0x3c00), half(0x4000))).toContain('is 1 and must be 2')
    expect(compare(half(0x7e00), half(0x7e01))).toBeNull()
    expect(compare(half(0x7c00), half(0xfc00))).not.toBeNull()
  })

  it('of 16 bits have the values of IEEE 754', () => {
    expect([0, 0x8000, 1, 0x03ff, 0x0400, 0x3c00, 0xc000, 0x7bff, 0x7c00].map(halfToNumber)).toEqual([
      0,
      -0,
      2 ** -24,
      1023 * 2 ** -24,
      2 ** -14,
      1,
      -2,
      65504,
      Number.POSITIVE_INFINITY,
    ])
  })
})

it.each<[Datatype, ArrayBufferView, ArrayBufferView]>([
  ['BOOL', new Uint8Array([0, 1]), new Uint8Array([0, 0])],
  ['UINT8', new Uint8Array([0, 1]), new Uint8Array([0, 2])],
  ['INT32', new Int32Array([0, 1_000_000]), new Int32Array([0, 1_000_001])],
  ['INT64', new BigInt64Array([0n, 2n ** 53n]), new BigInt64Array([0n, 2n ** 53n + 1n])],
  ['UINT64', new BigUint64Array([0n, 2n ** 64n - 1n]), new BigUint64Array([0n, 2n ** 64n - 2n])],
])('%s must be equal', (datatype, actual, expected) => {
  const [a, b] = [tensorOf('y', datatype, [2], actual), tensorOf('y', datatype, [2], expected)]
  expect(compare(a, a)).toBeNull()
  expect(compare(a, b)).toMatch(
    /^1 of 2 elements of y \[2\] are wrong \(.* must be equal\): the first at \[1\] is \d+ and must be \d+\.$/,
  )
})

describe('strings', () => {
  const strings = (...texts: string[]): Tensor => {
    const parts = texts.map((text) => {
      const bytes = Buffer.from(text)
      const length = Buffer.alloc(4)
      length.writeUInt32LE(bytes.length)
      return Buffer.concat([length, bytes])
    })
    return {
      name: 's',
      datatype: 'BYTES',
      shape: [texts.length],
      bytes: Uint8Array.from(Buffer.concat(parts)),
    }
  }

  it('must be equal', () => {
    expect(compare(strings('', 'añb'), strings('', 'añb'))).toBeNull()
    expect(compare(strings('x', 'cat'), strings('x', 'dog'))).toContain(
      'the first at [1] is "cat" and must be "dog"',
    )
    expect(compare(strings('ab', ''), strings('a', 'b'))).not.toBeNull()
  })

  it('that break off are wrong, not a crash', () => {
    const cut = strings('cat', 'dog')
    expect(compare({ ...cut, bytes: cut.bytes.subarray(0, 9) }, strings('cat', 'dog'))).toContain(
      'must be "dog"',
    )
    expect(compare({ ...cut, bytes: cut.bytes.subarray(0, 7) }, strings('cat', 'dog'))).toContain(
      'is missing',
    )
  })
})

it.each<[string, Partial<Tensor>]>([
  ['another name', { name: 'z' }],
  ['another datatype', { datatype: 'INT32' }],
  ['another shape', { shape: [1, 2] }],
  ['too few bytes', { bytes: new Uint8Array(4) }],
])('%s is a mismatch', (_, change) => {
  expect(compare({ ...floats(1, 2), ...change }, floats(1, 2))).toMatch(/Output y/)
})

it('a missing output is a mismatch, and every output is compared', () => {
  expect(compareTensors([], [floats(1)], tolerance)).toBe('1 outputs were expected and 0 came.')
  expect(compareTensors([floats(1), floats(2)], [floats(1), floats(3)], tolerance)).toContain('must be 3')
})

it('names an output that nobody expected in one line of plain text', () => {
  const actual = { ...floats(1), name: '\u001b[2J\n::error::x' }
  expect(compareTensors([actual], [floats(1)], tolerance)).toBe(
    'Output y was expected and [2J ::error::x came.',
  )
})
