import { describe, expect, it } from 'vitest'
import { seededInt8 } from '../../../protocol/seededInputs.ts'
import { makeWrong, wrongResultKinds } from '../wrongResults.ts'
import { checkMatmul, LARGEST_UNWRAPPED_K } from './checkMatmul.ts'
import { FLOAT64_LIMIT, wrongRowFloat64 } from './float64Int8.ts'
import { Int8Rows } from './inputRows.ts'
import { EVERY_ROW_RIGHT, type MatmulShape } from './matmulShape.ts'
import { reduce, wrongRowMersenne61 } from './mersenne61Int8.ts'
import { type RandomWords, SecretRandom } from './secretRandom.ts'
import { cInt32, int8Task, productInt8, seededPairInt8 } from './testProducts.ts'
import { wrongRowWrapped } from './wrappedInt8.ts'

const random = new SecretRandom()
const always = (word: number): RandomWords => ({ word: () => word })

const arithmetics = { wrongRowFloat64, wrongRowMersenne61, wrongRowWrapped }
type Arithmetic = keyof typeof arithmetics
const names = Object.keys(arithmetics) as Arithmetic[]

function wrongRow(
  name: Arithmetic,
  a: Int8Array,
  b: Int8Array,
  c: Int32Array,
  shape: MatmulShape,
  words: RandomWords = random,
) {
  const [aRows, bRows] = [new Int8Rows(), new Int8Rows()]
  const { inputs } = int8Task(shape, { a, b })
  aRows.openTensor(inputs[0]!, shape.k)
  bRows.openTensor(inputs[1]!, shape.n)
  return arithmetics[name](aRows, bRows, c, shape, words)
}

const edgeShapes: MatmulShape[] = [
  { m: 1, k: 1, n: 1 },
  { m: 1, k: 1, n: 70 },
  { m: 70, k: 1, n: 1 },
  { m: 1, k: 257, n: 1 },
  { m: 3, k: 5, n: 7 },
  { m: 17, k: 33, n: 65 },
  { m: 64, k: 64, n: 64 },
]

describe.each(names)('%s', (name) => {
  it.each(edgeShapes)('accepts $m x $k x $n in every tiling, whatever the vector', (shape) => {
    const { a, b } = seededPairInt8(shape.m, shape)
    for (const tile of [1, 4, 16, shape.k]) {
      const c = productInt8(a, b, shape, tile)
      for (const words of [random, always(0), always(0x7fffffff), always(0x80000000), always(1)]) {
        if (name === 'wrongRowMersenne61' && words !== random) continue
        expect(wrongRow(name, a, b, c, shape, words)).toBe(EVERY_ROW_RIGHT)
      }
    }
  })

  it('catches 1000 of 1000 changes of a single element, and names the row', () => {
    const shape = { m: 9, k: 31, n: 23 }
    const { a, b } = seededPairInt8(5, shape)
    const c = productInt8(a, b, shape)
    for (let trial = 0; trial < 1000; trial++) {
      const at = (trial * 7919) % c.length
      const kept = c[at]!
      c[at] = kept ^ (1 << (trial % 32))
      expect(wrongRow(name, a, b, c, shape)).toBe(Math.floor(at / shape.n))
      c[at] = kept
    }
  })

  it('catches errors that cancel in the plain sum of a row', () => {
    const shape = { m: 2, k: 8, n: 8 }
    const { a, b } = seededPairInt8(6, shape)
    const c = productInt8(a, b, shape)
    c[3]! += 1
    c[5]! -= 1
    expect(wrongRow(name, a, b, c, shape)).toBe(0)
  })

  it('accepts a product of nothing but zeros', () => {
    const shape = { m: 4, k: 6, n: 5 }
    expect(wrongRow(name, new Int8Array(24), new Int8Array(30), new Int32Array(20), shape)).toBe(
      EVERY_ROW_RIGHT,
    )
  })
})

describe('the float64 arithmetic', () => {
  const shape = { m: 1, k: 4096, n: FLOAT64_LIMIT / 4096 }
  const a = new Int8Array(shape.k).fill(-128)
  const b = new Int8Array(shape.k * shape.n).fill(-128)
  const c = new Int32Array(shape.n).fill(16384 * shape.k)

  it.each([0, 0x80000000, 0xffffffff])(
    'is exact at its limit, with every element at its largest (word %i)',
    (word) => {
      expect(wrongRow('wrongRowFloat64', a, b, c, shape, always(word))).toBe(EVERY_ROW_RIGHT)
      const wrong = c.slice()
      wrong[1000]! -= 1
      expect(wrongRow('wrongRowFloat64', a, b, wrong, shape, always(word))).toBe(0)
    },
  )

  it('is exact at its limit with odd sums of one sign, whose last bit counts', () => {
    const large = (x: number) => Math.abs(x) | 0x61
    const seeded = seededPairInt8(8, shape)
    const [oddA, oddB] = [seeded.a.map(large), seeded.b.map(large)]
    const positive: RandomWords = { word: () => (random.word() >>> 1) | 0x7f000000 }
    expect(wrongRow('wrongRowFloat64', oddA, oddB, productInt8(oddA, oddB, shape), shape, positive)).toBe(
      EVERY_ROW_RIGHT,
    )
  })

  it('refuses an element larger than any product can be, even where the vector would not see it', () => {
    const small = { m: 1, k: 1, n: 2 }
    const one = new Int8Array([1])
    // With both elements of the vector equal, +x and -x cancel.
    const cancelling = new Int32Array([16385, -16385])
    expect(wrongRow('wrongRowFloat64', one, new Int8Array(2), cancelling, small, always(0))).toBe(0)
    const allowed = new Int32Array([16384, -16384])
    expect(wrongRow('wrongRowFloat64', one, new Int8Array(2), allowed, small, always(0))).toBe(
      EVERY_ROW_RIGHT,
    )
  })

  it('accepts d = (1, -1) only where both elements of the vector are equal', () => {
    const shape = { m: 1, k: 1, n: 2 }
    const outcomeWith = (...words: number[]) => {
      const script: RandomWords = { word: () => words.shift()! }
      return wrongRow(
        'wrongRowFloat64',
        new Int8Array([1]),
        new Int8Array(2),
        new Int32Array([1, -1]),
        shape,
        script,
      )
    }
    expect(outcomeWith(7, 7)).toBe(EVERY_ROW_RIGHT)
    expect(outcomeWith(7, 8)).toBe(0)
    expect(outcomeWith(0, 0xffffffff)).toBe(0)
  })
})

describe('the arithmetic modulo 2^61 - 1', () => {
  const P = 2n ** 61n - 1n
  const residueOf = (x: Float64Array) => BigInt(x[0]!) + (BigInt(x[1]!) << 21n) + (BigInt(x[2]!) << 42n)

  it('reduces limbs to the residue that BigInt gives', () => {
    const edges = [0, 1, -1, 2 ** 21, -(2 ** 21), 2 ** 52, -(2 ** 52), 2 ** 52 - 1, 123456789012345]
    for (const x0 of edges)
      for (const x1 of edges)
        for (const x2 of edges) {
          const x = Float64Array.of(x0, x1, x2)
          const expected = (((residueOf(x) % P) + P) % P) as bigint
          reduce(x)
          expect(x[0]! >= 0 && x[0]! < 2 ** 21 && x[1]! >= 0 && x[1]! < 2 ** 21).toBe(true)
          expect(x[2]! >= 0 && x[2]! < 2 ** 19).toBe(true)
          expect(residueOf(x) % P).toBe(expected)
        }
  })

  it('draws no vector element that is 0 or p', () => {
    const words = [0, 0, 0, 0xffffffff, 0xffffffff, 0xffffffff, 2048, 0, 0]
    let next = 0
    const script: RandomWords = { word: () => words[next++]! }
    expect(
      wrongRow(
        'wrongRowMersenne61',
        new Int8Array([1]),
        new Int8Array([1]),
        new Int32Array([2]),
        { m: 1, k: 1, n: 1 },
        script,
      ),
    ).toBe(0)
    expect(next).toBe(9)
  })

  it('is exact over more columns than it sums at once, with the largest elements and limbs', () => {
    const shape = { m: 1, k: 2, n: 2 ** 16 + 5 }
    const a = new Int8Array(2).fill(-128)
    const b = new Int8Array(2 * shape.n).fill(-128)
    const c = new Int32Array(shape.n).fill(2 * 16384)
    let words = 0
    const large: RandomWords = { word: () => (words++ % 3 === 2 ? 0xffffdfff : 0xffffffff) }
    expect(wrongRow('wrongRowMersenne61', a, b, c, shape, large)).toBe(EVERY_ROW_RIGHT)
    c[shape.n - 1]! ^= 1
    expect(wrongRow('wrongRowMersenne61', a, b, c, shape, large)).toBe(0)
    c.fill(-(2 ** 31))
    expect(wrongRow('wrongRowMersenne61', a, b, c, shape)).toBe(0)
  })

  it('is what checks a product with k n > 2^23, and float64 one with k n = 2^23', () => {
    for (const [n, wordsPerColumn] of [
      [2 ** 17, 1],
      [2 ** 17 + 1, 3],
    ] as const) {
      let drawn = 0
      const counting: RandomWords = { word: () => 0x12340000 + drawn++ }
      const each = { m: 1, k: FLOAT64_LIMIT / 2 ** 17, n }
      expect(checkMatmul(int8Task(each, { seed: 1 }), cInt32(each, new Int32Array(n)), counting).ok).toBe(
        false,
      )
      expect(drawn).toBe(wordsPerColumn * n)
    }
  })

  it('finds one wrong element of 2 x 2900 x 2900', () => {
    const shape = { m: 2, k: 2900, n: 2900 }
    const { a, b } = seededPairInt8(9, shape)
    const c = productInt8(a, b, shape)
    expect(checkMatmul(int8Task(shape, { a, b }), cInt32(shape, c), random)).toEqual({
      ok: true,
      verdict: 'freivalds',
    })
    expect(checkMatmul(int8Task(shape, { seed: 9 }), cInt32(shape, c), random).ok).toBe(true)
    c[5000]! += 1
    expect(checkMatmul(int8Task(shape, { seed: 9 }), cInt32(shape, c), random)).toMatchObject({
      ok: false,
      reason: `c[1,2100] is ${c[5000]} and must be ${c[5000]! - 1}.`,
    })
  })
})

describe('sums that leave i32', () => {
  it('cannot happen up to k = 131071, where the float64 arithmetic is used', () => {
    const shape = { m: 1, k: LARGEST_UNWRAPPED_K, n: 1 }
    const full = new Int8Array(shape.k).fill(-128)
    const c = new Int32Array([2147467264])
    expect(checkMatmul(int8Task(shape, { a: full, b: full }), cInt32(shape, c), random).ok).toBe(true)
  })

  it('wrap modulo 2^32 from k = 131072 on, and the wrapped sum is the right one', () => {
    const shape = { m: 1, k: LARGEST_UNWRAPPED_K + 1, n: 1 }
    const full = new Int8Array(shape.k).fill(-128)
    const task = int8Task(shape, { a: full, b: full })
    expect(checkMatmul(task, cInt32(shape, new Int32Array([-2147483648])), random).ok).toBe(true)
    expect(checkMatmul(task, cInt32(shape, new Int32Array([2147483647])), random)).toEqual({
      ok: false,
      reason: 'c[0,0] is 2147483647 and must be -2147483648.',
    })
  })
})

describe('checkMatmul on matmul-i8', () => {
  const shape = { m: 12, k: 20, n: 16 }
  const right = cInt32(shape, productInt8(seededInt8(3, 0, 240), seededInt8(3, 1, 320), shape))
  const stale = cInt32(shape, productInt8(seededInt8(4, 0, 240), seededInt8(4, 1, 320), shape))

  it.each(edgeShapes)('gives seeded and sent inputs of $m x $k x $n the same answer', (each) => {
    for (const seed of [0, 1, 0xffffffff]) {
      const pair = seededPairInt8(seed, each)
      const c = cInt32(each, productInt8(pair.a, pair.b, each))
      expect(checkMatmul(int8Task(each, pair), c, random).ok).toBe(true)
      expect(checkMatmul(int8Task(each, { seed }), c, random).ok).toBe(true)
    }
  })

  it('reads results that are not aligned to their elements, small and large', () => {
    for (const each of [shape, { m: 40, k: 3, n: 40 }]) {
      const pair = seededPairInt8(3, each)
      const c = cInt32(each, productInt8(pair.a, pair.b, each))
      const shifted = new Uint8Array(c.bytes.length + 3)
      shifted.set(c.bytes, 3)
      const moved = { ...c, bytes: shifted.subarray(3) }
      expect(checkMatmul(int8Task(each, pair), moved, random).ok).toBe(true)
      shifted[7]! ^= 1
      expect(checkMatmul(int8Task(each, pair), moved, random).ok).toBe(false)
    }
  })

  it.each(wrongResultKinds.filter((kind) => !kind.startsWith('wrong')))('refuses %s', (kind) => {
    for (let seed = 0; seed < 50; seed++) {
      const [wrong] = makeWrong(kind, [right], seed, [stale])
      expect(checkMatmul(int8Task(shape, { seed: 3 }), wrong!, random)).toMatchObject({
        ok: false,
        reason: expect.stringMatching(/^c\[\d+,\d+\] is -?\d+ and must be -?\d+\.$/),
      })
    }
  })

  it('draws a vector of its own for every check', () => {
    let drawn = 0
    const counting: RandomWords = { word: () => 12345 + drawn++ }
    checkMatmul(int8Task(shape, { seed: 3 }), right, counting)
    checkMatmul(int8Task(shape, { seed: 3 }), right, counting)
    expect(drawn).toBe(2 * shape.n)
  })
})

it('draws words that differ, beyond the end of the buffer', () => {
  const seen = new Set(Array.from({ length: 5000 }, () => random.word()))
  expect(seen.size).toBeGreaterThan(4990)
})
