import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OpentabError } from '../../../protocol/errors.ts'
import { packedBytes } from '../../../protocol/weights/blockFormats.ts'
import { MoreHeaderNeeded } from './headerCursor.ts'
import { parseGgufHeader } from './parseGgufHeader.ts'
import { writeGguf } from './writeGguf.ts'

type Field = ['u32', number] | ['u64', number | bigint] | ['text', string] | ['bytes', number[]]

/** A file field by field, so that what no writer writes can be tried. */
function fileOf(...fields: Field[]): Uint8Array {
  return Uint8Array.from(
    fields.flatMap(([type, value]) => {
      switch (type) {
        case 'u32':
          return [...new Uint8Array(Uint32Array.of(value).buffer)]
        case 'u64':
          return [...new Uint8Array(BigUint64Array.of(BigInt(value)).buffer)]
        case 'text': {
          const text = [...new TextEncoder().encode(value)]
          return [...new Uint8Array(BigUint64Array.of(BigInt(text.length)).buffer), ...text]
        }
        default:
          return value
      }
    }),
  )
}

const MAGIC: Field = ['bytes', [0x47, 0x47, 0x55, 0x46]]
const start = (tensors: number | bigint, keys: number | bigint): Field[] => [
  MAGIC,
  ['u32', 3],
  ['u64', tensors],
  ['u64', keys],
]
const oneKey = (...value: Field[]): Field[] => [...start(0, 1), ['text', 'key'], ...value]
const info = (name: string, dims: (number | bigint)[], type: number, offset: number | bigint): Field[] => [
  ['text', name],
  ['u32', dims.length],
  ...dims.map((size): Field => ['u64', size]),
  ['u32', type],
  ['u64', offset],
]
const room = (bytes: number): Field => ['bytes', new Array(bytes).fill(0)]
const U32 = 4
const TEXT = 8
const ARRAY = 9

const hostile: [string, Field[], string][] = [
  ['an empty file', [], '"m.gguf" ends at byte 0 in the midst of the magic number'],
  [
    'another magic number',
    [['bytes', [0x50, 0x4b, 3, 4, 0, 0, 0, 0]]],
    'it starts with 50 4b 03 04 instead of 47 47 55 46',
  ],
  ['a file cut in its magic number', [['bytes', [0x47, 0x47]]], 'ends at byte 2'],
  ['version 1', [MAGIC, ['u32', 1]], 'the GGUF version 1; 2 and 3 are read'],
  ['version 4', [MAGIC, ['u32', 4]], 'the GGUF version 4'],
  ['version 0', [MAGIC, ['u32', 0]], 'big-endian'],
  ['the big-endian form', [MAGIC, ['bytes', [0, 0, 0, 3]]], 'is a big-endian GGUF file'],
  ['2^64 - 1 tensors', start(2n ** 64n - 1n, 0), 'declares 18446744073709551615 tensors; at most 65536'],
  ['too many keys', start(0, 4097), 'declares 4097 metadata keys'],
  [
    'a key longer than the format allows',
    [...start(0, 1), ['u64', 65_536]],
    'a text of 65536 bytes in metadata key 1 of 1',
  ],
  [
    'a key beyond the file',
    [...start(0, 1), ['u64', 9], room(3)],
    'in the midst of metadata key 1 of 1, which reaches to 41',
  ],
  ['an empty key', [...start(0, 1), ['text', '']], 'an empty key as its metadata key 1'],
  [
    'a key twice',
    [...start(0, 2), ['text', 'key'], ['u32', U32], ['u32', 1], ['text', 'key'], ['u32', U32], ['u32', 1]],
    'the metadata key "key" twice',
  ],
  ['an unknown value type', oneKey(['u32', 13]), 'the unknown type 13 in the metadata value "key"'],
  ['a truth value of 2', oneKey(['u32', 7], ['bytes', [2]]), 'has 2 in the metadata value "key"'],
  ['a text of 2^63 bytes', oneKey(['u32', TEXT], ['u64', 2n ** 63n]), 'a text of 9223372036854775808 bytes'],
  ['a text beyond the file', oneKey(['u32', TEXT], ['u64', 100]), 'in the midst of the metadata value "key"'],
  [
    'a text that is not UTF-8',
    oneKey(['u32', TEXT], ['u64', 2], ['bytes', [0xc3, 0x28]]),
    'a text in the metadata value "key" that is not UTF-8',
  ],
  ['an array of arrays', oneKey(['u32', ARRAY], ['u32', ARRAY], ['u64', 1]), 'an array of arrays'],
  ['an array of an unknown type', oneKey(['u32', ARRAY], ['u32', 99], ['u64', 1]), 'the unknown type 99'],
  [
    '2^63 array elements',
    oneKey(['u32', ARRAY], ['u32', 0], ['u64', 2n ** 63n]),
    'declares 9223372036854775808 elements in the metadata value "key"',
  ],
  [
    'more elements than bytes',
    oneKey(['u32', ARRAY], ['u32', TEXT], ['u64', 1000]),
    'declares 1000 elements of string in the metadata value "key", and 0 bytes are left',
  ],
  [
    'an alignment that is text',
    [...start(0, 1), ['text', 'general.alignment'], ['u32', TEXT], ['text', '32']],
    'has the general.alignment 32; it is a power of two',
  ],
  [
    'an alignment of 0',
    [...start(0, 1), ['text', 'general.alignment'], ['u32', U32], ['u32', 0]],
    'the general.alignment 0',
  ],
  [
    'an alignment of 48',
    [...start(0, 1), ['text', 'general.alignment'], ['u32', U32], ['u32', 48]],
    'the general.alignment 48',
  ],
  [
    'an alignment of 2^31',
    [...start(0, 1), ['text', 'general.alignment'], ['u32', U32], ['u32', 2 ** 31]],
    'the general.alignment 2147483648',
  ],
  [
    'one part of three',
    [...start(0, 1), ['text', 'split.count'], ['u32', U32], ['u32', 3]],
    'is one of 3 parts of a model',
  ],
  [
    'more tensors than the file describes',
    [...start(2, 0), ...info('a', [1], 0, 0)],
    'the name of tensor 2 of 2',
  ],
  ['a tensor without a name', [...start(1, 0), ...info('', [1], 0, 0), room(64)], 'has no name for tensor 1'],
  [
    'a tensor with a long name',
    [...start(1, 0), ...info('n'.repeat(256), [1], 0, 0), room(64)],
    'a text of 256 bytes in the name of tensor 1 of 1',
  ],
  [
    'a tensor twice',
    [...start(2, 0), ...info('a', [1], 0, 0), ...info('a', [1], 0, 32), room(99)],
    'Tensor "a" of "m.gguf" stands twice',
  ],
  ['no dimensions', [...start(1, 0), ...info('a', [], 0, 0), room(64)], 'has 0 dimensions; 1 to 4'],
  ['five dimensions', [...start(1, 0), ...info('a', [1, 1, 1, 1, 1], 0, 0), room(64)], 'has 5 dimensions'],
  ['2^32 - 1 dimensions', [...start(1, 0), ['text', 'a'], ['u32', 2 ** 32 - 1]], 'has 4294967295 dimensions'],
  ['a dimension of 0', [...start(1, 0), ...info('a', [4, 0], 0, 0), room(64)], 'has the shape [0, 4]'],
  [
    'a dimension of 2^64 - 1',
    [...start(1, 0), ...info('a', [2n ** 64n - 1n], 0, 0), room(64)],
    'the shape [18446744073709551615], more than can be counted',
  ],
  [
    'a product past 2^53',
    [...start(1, 0), ...info('a', [2 ** 27, 2 ** 27], 0, 0), room(64)],
    'more than can be counted',
  ],
  [
    'a type that is not read',
    [...start(1, 0), ...info('a', [256], 10, 0), room(256)],
    'Tensor "a" of "m.gguf" has the type Q2_K (10), which is not read',
  ],
  ['an unknown type', [...start(1, 0), ...info('a', [256], 77, 0), room(256)], 'has the unknown type 77'],
  [
    'rows that are no whole blocks',
    [...start(1, 0), ...info('a', [48, 2], 2, 0), room(256)],
    'rows of 48 elements, no whole number of q4_0 blocks of 32',
  ],
  [
    'an offset out of line',
    [...start(1, 0), ...info('a', [1], 0, 4), room(64)],
    'the offset 4, which is no multiple of 32',
  ],
  [
    'an offset of 2^64 - 32',
    [...start(1, 0), ...info('a', [1], 0, 2n ** 64n - 32n), room(64)],
    'the offset 18446744073709551584',
  ],
  [
    'data beyond the file',
    [...start(1, 0), ...info('a', [64], 0, 0), room(200)],
    'Tensor "a" lies at bytes 64 to 320 of "m.gguf", which has 257 bytes',
  ],
  [
    'an overlap',
    [...start(2, 0), ...info('a', [16], 0, 0), ...info('b', [16], 0, 32), room(256)],
    'Tensors "a" and "b" of "m.gguf" overlap at byte 32',
  ],
]

const parse = (file: Uint8Array) => parseGgufHeader(file, file.length, '"m.gguf"')
const valid = () =>
  writeGguf(
    [
      ['general.name', 'tiny'],
      ['tokens', ['a', 'b', 'grüße']],
      ['scores', [0.5, -1]],
      ['big', 2n ** 60n],
      ['general.alignment', 64],
    ],
    [
      { name: 'a', format: 'q4_1', shape: [2, 32], bytes: new Uint8Array(40) },
      { name: 'b', format: 'f32', shape: [3], bytes: new Uint8Array(12) },
    ],
    { alignment: 32 },
  )

describe('a hostile GGUF file', () => {
  for (const [name, fields, message] of hostile) {
    it(`is refused: ${name}`, () => {
      const file = fileOf(...fields)
      expect(() => parse(file)).toThrow(message)
      expect(() => parse(file)).toThrow(OpentabError)
    })
  }

  it('is refused with what to do about it', () => {
    const file = fileOf(...start(1, 0), ...info('a', [256], 23, 0))
    expect(() => parse(file)).toThrow(
      expect.objectContaining({ code: 'model_refused', fix: expect.stringContaining('Q8_0, Q4_0, Q4_1') }),
    )
  })

  it('is refused at every length that cuts its header', () => {
    const file = valid()
    const { tensors } = parse(file)
    for (let length = 0; length < tensors[0]!.begin; length++) {
      expect(() => parse(file.subarray(0, length)), `${length} bytes`).toThrow(OpentabError)
    }
  })

  it('asks for more where the header goes on past what was read', () => {
    const file = valid()
    expect(() => parseGgufHeader(file.subarray(0, 50), file.length, 'm')).toThrow(MoreHeaderNeeded)
  })

  it('is refused, or read with every tensor inside the file, whatever bytes of it change', () => {
    const file = valid()
    const change = fc.tuple(
      fc.nat(file.length - 1),
      fc.oneof(fc.constantFrom(0, 1, 127, 128, 255), fc.nat(255)),
    )
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = file.slice()
        for (const [at, byte] of changes) changed[at] = byte
        try {
          let end = 0
          for (const { format, shape, begin, bytes } of parse(changed).tensors) {
            const elements = shape.reduce((product, size) => product * size, 1)
            expect(bytes).toBe(packedBytes(format, elements))
            end = Math.max(end, begin + bytes)
          }
          expect(end).toBeLessThanOrEqual(changed.length)
        } catch (error) {
          expect(error).toBeInstanceOf(OpentabError)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('is refused, or read, whatever bytes follow a true start', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(3), fc.nat(3), (rest, tensors, keys) => {
        const file = Uint8Array.from([...fileOf(...start(tensors, keys)), ...rest])
        try {
          parse(file)
        } catch (error) {
          expect(error).toBeInstanceOf(OpentabError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
