import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OpentabError } from '../errors.ts'
import { packedBytes } from './blockFormats.ts'
import { decodeWeightFile, encodeWeightFile, type WeightTensor } from './weightFile.ts'

const tensor = (name: string, format: WeightTensor['format'], shape: number[], seed = 1): WeightTensor => {
  const elements = shape.reduce((product, size) => product * size, 1)
  const bytes = Uint8Array.from({ length: packedBytes(format, elements) }, (_, i) => (i * 7 + seed) & 255)
  return { name, format, shape, bytes }
}

const sample = [
  tensor('norm', 'f32', [3]),
  tensor('blk.0.q', 'q4_1', [3, 64]),
  tensor('stacked', 'q6_k', [2, 3, 256]),
  tensor('__proto__', 'bf16', [5, 1]),
  tensor('7', 'f16', [1]),
  tensor('flat', 'q8_0', [32]),
]

/** A file with any header, so that what no writer writes can be tried. */
const fileOf = (header: unknown, dataBytes: number): Uint8Array => {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const file = new Uint8Array(Math.ceil((8 + json.length) / 64) * 64 + dataBytes).fill(0x20)
  new DataView(file.buffer).setBigUint64(0, BigInt(file.length - dataBytes - 8), true)
  file.set(json, 8)
  return file
}

describe('a weight file', () => {
  it('gives back what was put in, in order, as views', () => {
    const file = encodeWeightFile(sample)
    const read = decodeWeightFile(file)
    expect([...read.values()]).toEqual(sample)
    for (const { bytes } of read.values()) {
      expect(bytes.buffer).toBe(file.buffer)
      expect(bytes.byteOffset % 64).toBe(0)
    }
  })

  it('can be read where it does not start its buffer', () => {
    const file = encodeWeightFile(sample)
    const shifted = new Uint8Array(file.length + 5).subarray(5)
    shifted.set(file)
    expect([...decodeWeightFile(shifted).values()]).toEqual(sample)
  })

  it('may hold nothing', () => {
    expect(decodeWeightFile(encodeWeightFile([])).size).toBe(0)
  })

  it('is the same for the same tensors', () => {
    expect(encodeWeightFile(sample)).toEqual(encodeWeightFile(sample))
  })

  it('is not written from tensors that contradict themselves', () => {
    expect(() => encodeWeightFile([tensor('a', 'f32', [1]), tensor('a', 'f16', [1])])).toThrow(
      '"a" stands twice',
    )
    expect(() => encodeWeightFile([tensor('pad:1', 'f32', [1])])).toThrow('reserved name')
    expect(() => encodeWeightFile([{ ...tensor('a', 'q4_0', [2, 32]), shape: [3, 32] }])).toThrow(
      'Tensor "a" is q4_0 [3, 32], which takes 54 bytes, and has 36.',
    )
    expect(() => encodeWeightFile([{ ...tensor('a', 'q8_0', [2, 32]), shape: [4, 16] }])).toThrow(
      'Tensor "a" has rows of 16 elements, no whole number of q8_0 blocks of 32.',
    )
    expect(() => encodeWeightFile([{ ...tensor('a', 'f32', [1]), shape: [] }])).toThrow('has the shape []')
  })
})

const f32 = (from: number, to: number, shape: unknown = [(to - from) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [from, to],
})
const packed = { dtype: 'U8', shape: [2, 34], data_offsets: [0, 68] }
const packedNames = { 'format:a': 'q8_0', 'shape:a': '2,32' }

const hostile: [string, Uint8Array, string][] = [
  ['an empty file', new Uint8Array(0), 'has 0 bytes'],
  ['seven bytes', new Uint8Array(7), 'has 7 bytes'],
  [
    'a header longer than the file',
    Uint8Array.of(200, 0, 0, 0, 0, 0, 0, 0, 0x7b),
    'a header of 200 bytes and has 9',
  ],
  [
    'a header of 2^63 bytes',
    Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128),
    'a header of 9223372036854775808 bytes',
  ],
  ['no JSON', fileOf('{"a"', 0), 'not valid JSON'],
  ['broken UTF-8', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x22, 0xff), 'not valid JSON'],
  ['an array', fileOf([], 0), 'not a JSON object'],
  ['nesting without end', fileOf('['.repeat(1_000_000), 0), 'not valid JSON'],
  [
    'metadata that is a list',
    fileOf({ __metadata__: [] }, 0),
    '__metadata__ of The weight file is not an object',
  ],
  ['metadata that is a number', fileOf({ __metadata__: { a: 1 } }, 0), 'has number under "a"'],
  ['a tensor that is null', fileOf({ a: null }, 0), 'Tensor "a" is not described'],
  ['an unknown dtype', fileOf({ a: { ...f32(0, 4), dtype: 'Q9' } }, 4), 'unknown dtype "Q9"'],
  [
    'a dtype from the prototype',
    fileOf({ a: { ...f32(0, 4), dtype: 'toString' } }, 4),
    'unknown dtype "toString"',
  ],
  ['a dtype that no weight has', fileOf({ a: { ...f32(0, 8, [1]), dtype: 'I64' } }, 8), 'dtype I64'],
  ['a shape that is text', fileOf({ a: f32(0, 4, '1') }, 4), 'has the shape "1"'],
  [
    'a dimension of zero',
    fileOf({ a: f32(0, 0, [0]) }, 0),
    'has the shape [0]; dimensions are whole numbers from 1',
  ],
  ['a negative dimension', fileOf({ a: f32(0, 4, [-1, -1]) }, 4), 'has the shape [-1,-1]'],
  ['a broken dimension', fileOf({ a: f32(0, 4, [0.5, 2]) }, 4), 'has the shape [0.5,2]'],
  ['nine dimensions', fileOf({ a: f32(0, 4, Array(9).fill(1)) }, 4), 'at most 8 dimensions'],
  ['a shape past 2^53', fileOf({ a: f32(0, 4, [2 ** 52, 2 ** 52]) }, 4), 'and has 4'],
  ['a shape that contradicts the bytes', fileOf({ a: f32(0, 8, [3]) }, 8), 'takes 12 bytes, and has 8'],
  ['one offset', fileOf({ a: { ...f32(0, 4), data_offsets: [0] } }, 4), 'data_offsets [0]'],
  ['offsets that are text', fileOf({ a: { ...f32(0, 4), data_offsets: ['0', '4'] } }, 4), 'data_offsets'],
  ['offsets turned round', fileOf({ a: { ...f32(0, 4), data_offsets: [4, 0] } }, 4), 'bytes 4 to 0'],
  ['a negative offset', fileOf({ a: { ...f32(0, 4), data_offsets: [-4, 0] } }, 4), 'bytes -4 to 0'],
  ['data beyond the file', fileOf({ a: f32(0, 8) }, 4), 'bytes 0 to 8 of 4'],
  [
    'an overlap',
    fileOf({ a: f32(0, 8), b: f32(4, 12) }, 12),
    'Tensor "b" starts at byte 4 of the data and overlaps',
  ],
  ['a hole', fileOf({ a: f32(0, 4), b: f32(8, 12) }, 12), 'leaves a hole'],
  [
    'a name that stands twice',
    fileOf(
      '{"a":{"dtype":"U8","shape":[64],"data_offsets":[0,64]},"a":{"dtype":"F32","shape":[1],"data_offsets":[64,68]}}',
      68,
    ),
    'leaves a hole',
  ],
  ['bytes after the last tensor', fileOf({ a: f32(0, 4) }, 6), '2 bytes after its last tensor'],
  ['a long name', fileOf({ ['n'.repeat(300)]: f32(0, 4) }, 4), 'a name of 300 characters'],
  ['a tensor at an odd place', fileOf({ a: f32(0, 4), b: f32(4, 8) }, 8), 'no multiple of 64'],
  [
    'a filling that holds a tensor',
    fileOf({ 'pad:0': { dtype: 'U8', shape: [64], data_offsets: [0, 64] } }, 64),
    'no filling',
  ],
  ['U8 without a format', fileOf({ a: packed }, 68), 'packed format ""'],
  [
    'an unknown format',
    fileOf({ a: packed, __metadata__: { ...packedNames, 'format:a': 'q9' } }, 68),
    'packed format "q9"',
  ],
  [
    'a float as packed format',
    fileOf({ a: packed, __metadata__: { ...packedNames, 'format:a': 'f16' } }, 68),
    'packed format "f16"',
  ],
  ['no logical shape', fileOf({ a: packed, __metadata__: { 'format:a': 'q8_0' } }, 68), 'logical shape ""'],
  [
    'a broken logical shape',
    fileOf({ a: packed, __metadata__: { ...packedNames, 'shape:a': '2,,32' } }, 68),
    'logical shape "2,,32"',
  ],
  [
    'a contradicting logical shape',
    fileOf({ a: packed, __metadata__: { ...packedNames, 'shape:a': '3,32' } }, 68),
    'U8 [3, 34], and is U8 [2, 34]',
  ],
  [
    'a huge logical shape',
    fileOf({ a: packed, __metadata__: { ...packedNames, 'shape:a': '999999999999999,999999999999936' } }, 68),
    'more than can be counted',
  ],
  [
    'a float with a packed format',
    fileOf({ a: f32(0, 4), __metadata__: packedNames }, 4),
    'has a packed format',
  ],
  ['a format of no tensor', fileOf({ __metadata__: packedNames }, 0), 'there is no such tensor'],
]

describe('a hostile weight file', () => {
  for (const [name, file, message] of hostile) {
    it(`is refused: ${name}`, () => {
      expect(() => decodeWeightFile(file)).toThrow(message)
      expect(() => decodeWeightFile(file)).toThrow(OpentabError)
    })
  }

  it('is refused at every length but its own', () => {
    const file = encodeWeightFile(sample)
    for (let length = 0; length < file.length; length++) {
      expect(() => decodeWeightFile(file.subarray(0, length)), `${length} bytes`).toThrow(OpentabError)
    }
  })

  it('is refused or read whole, whatever bytes of it change', () => {
    const file = encodeWeightFile(sample)
    const change = fc.tuple(fc.nat(file.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = file.slice()
        for (const [at, byte] of changes) changed[at] = byte
        try {
          for (const { format, shape, bytes } of decodeWeightFile(changed).values()) {
            const elements = shape.reduce((product, size) => product * size, 1)
            expect(bytes.length).toBe(packedBytes(format, elements))
          }
        } catch (error) {
          expect(error).toBeInstanceOf(OpentabError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
