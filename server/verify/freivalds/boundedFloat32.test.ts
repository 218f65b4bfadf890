import { describe, expect, it } from 'vitest'
import { makeWrong } from '../wrongResults.ts'
import { gamma, roundingBound } from './boundedFloat32.ts'
import { checkMatmul } from './checkMatmul.ts'
import type { MatmulShape } from './matmulShape.ts'
import { SecretRandom } from './secretRandom.ts'
import { cFloat32, float32Task, productFloat32, type Summation, seededPairFloat32 } from './testProducts.ts'

const random = new SecretRandom()
const f32 = Math.fround
const bits = new DataView(new ArrayBuffer(4))

/** Rounds towards zero, as WGSL allows. */
function towardsZero(x: number): number {
  const nearest = f32(x)
  if (Math.abs(nearest) <= Math.abs(x)) return nearest
  bits.setFloat32(0, nearest)
  bits.setUint32(0, bits.getUint32(0) - 1)
  return bits.getFloat32(0)
}
const flush = (x: number): number => (Math.abs(f32(x)) < 2 ** -126 ? 0 : f32(x))
const pairwise = (values: number[]): number =>
  values.length === 1
    ? values[0]!
    : f32(pairwise(values.slice(0, values.length >> 1)) + pairwise(values.slice(values.length >> 1)))

const summations: Record<string, Summation> = {
  'in order': (products) => products.reduce((sum, each) => f32(sum + f32(each)), 0),
  backwards: (products) => products.reduceRight((sum, each) => f32(sum + f32(each)), 0),
  fused: (products) => products.reduce((sum, each) => f32(sum + each), 0),
  pairwise: (products) => pairwise(products.map(f32)),
  'rounded towards zero': (products) =>
    products.reduce((sum, each) => towardsZero(sum + towardsZero(each)), 0),
  'with subnormals flushed': (products) => products.reduce((sum, each) => flush(sum + flush(each)), 0),
  'in float64': (products) => products.reduce((sum, each) => sum + each, 0),
}

const edgeShapes: MatmulShape[] = [
  { m: 1, k: 1, n: 1 },
  { m: 1, k: 300, n: 1 },
  { m: 5, k: 1, n: 17 },
  { m: 2, k: 7, n: 16 },
  { m: 3, k: 64, n: 129 },
  { m: 2, k: 9, n: 1100 },
]

describe.each(Object.entries(summations))('a product summed %s', (_, sum) => {
  it.each(edgeShapes)('is accepted at $m x $k x $n', (shape) => {
    const pair = seededPairFloat32(shape.n, shape)
    const c = cFloat32(shape, productFloat32(pair.a, pair.b, shape, sum))
    for (let trial = 0; trial < 5; trial++) {
      expect(checkMatmul(float32Task(shape, pair), c, random)).toEqual({ ok: true, verdict: 'freivalds' })
      expect(checkMatmul(float32Task(shape, { seed: shape.n }), c, random).ok).toBe(true)
    }
  })

  it('is accepted with elements from the smallest to the largest sizes', () => {
    const shape = { m: 6, k: 40, n: 30 }
    const { a, b } = seededPairFloat32(1, shape)
    for (const scale of [2 ** -149, 2 ** -126, 2 ** -64, 2 ** -63, 2 ** 30, 2 ** 60]) {
      const scaled = {
        a: a.map((x, t) => x * (t % 3 ? scale : 1)),
        b: b.map((x, t) => x * (t % 5 ? scale : 1)),
      }
      const c = cFloat32(shape, productFloat32(scaled.a, scaled.b, shape, sum))
      expect(checkMatmul(float32Task(shape, scaled), c, random).ok).toBe(true)
    }
  })
})

describe('a wrong product', () => {
  const shape = { m: 4, k: 24, n: 100 }
  const pair = seededPairFloat32(2, shape)
  const right = productFloat32(pair.a, pair.b, shape, summations['in order']!)

  it('with one element off by more than twice the bound of its group is always refused', () => {
    // Groups of at most ceil(100 / 16) = 7 columns; each |a||b| <= 24.
    const bound = 7 * roundingBound(shape.k, 24, shape.k, 24, 24)
    for (let trial = 0; trial < 300; trial++) {
      const wrong = right.slice()
      wrong[(trial * 37) % wrong.length]! += (trial % 2 ? 2.01 : -2.01) * bound
      expect(checkMatmul(float32Task(shape, pair), cFloat32(shape, wrong), random).ok).toBe(false)
    }
    expect(bound).toBeLessThan(0.001)
  })

  it('is named by its worst element', () => {
    const wrong = right.slice()
    wrong[105] = 77
    const outcome = checkMatmul(float32Task(shape, pair), cFloat32(shape, wrong), random)
    expect(outcome).toMatchObject({
      ok: false,
      reason: expect.stringContaining(`c[1,5] is 77 and must be ${right[105]!.toString().slice(0, 5)}`),
    })
  })

  it.each(['zeros', 'noise', 'stale', 'shifted', 'nan', 'one-element'] as const)(
    'made of %s is refused',
    (kind) => {
      const other = seededPairFloat32(3, shape)
      const stale = cFloat32(shape, productFloat32(other.a, other.b, shape, summations['in order']!))
      for (let seed = 0; seed < 20; seed++) {
        const [wrong] = makeWrong(kind, [cFloat32(shape, right)], seed, [stale])
        expect(checkMatmul(float32Task(shape, pair), wrong!, random).ok).toBe(false)
      }
    },
  )

  it('made of zeros is refused at 512^3 as well, where the bound is wide', () => {
    const large = { m: 8, k: 512, n: 512 }
    const c = cFloat32(large, new Float32Array(large.m * large.n))
    expect(checkMatmul(float32Task(large, { seed: 1 }), c, random).ok).toBe(false)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3e38])(
    'with an element %d is refused',
    (value) => {
      for (let at = 0; at < right.length; at += 41) {
        const wrong = right.slice()
        wrong[at] = value
        expect(checkMatmul(float32Task(shape, pair), cFloat32(shape, wrong), random).ok).toBe(false)
      }
    },
  )

  it('that cancels in two columns is refused nearly every time', () => {
    let accepted = 0
    for (let trial = 0; trial < 2000; trial++) {
      const wrong = right.slice()
      wrong[3]! += 1
      wrong[60]! -= 1
      if (checkMatmul(float32Task(shape, pair), cFloat32(shape, wrong), random).ok) accepted++
    }
    // Both in one of 16 groups and with equal signs: 58 of 2000, standard deviation 8; without signs twice that.
    expect(accepted).toBeLessThan(95)
  })
})

describe('inputs that f32 may overflow on', () => {
  const shape = { m: 2, k: 3, n: 2 }
  const b = new Float32Array([1, 2, 3, 4, 5, 6])

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 3e38])(
    'leave the row of %d unjudged, and the other row judged',
    (value) => {
      const a = new Float32Array([1, value, 1, 1, 1, 1])
      const c = new Float32Array([Number.NaN, 0, 9, 12])
      expect(checkMatmul(float32Task(shape, { a, b }), cFloat32(shape, c), random).ok).toBe(true)
      c[2] = 10
      expect(checkMatmul(float32Task(shape, { a, b }), cFloat32(shape, c), random)).toMatchObject({
        ok: false,
      })
    },
  )
})

it('knows that nothing can be said from k = 2^23 on', () => {
  expect(gamma(2 ** 23)).toBe(Number.POSITIVE_INFINITY)
  expect(gamma(1024)).toBeCloseTo(1024 * 2 ** -23, 7)
})
