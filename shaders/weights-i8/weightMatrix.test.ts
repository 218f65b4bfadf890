import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { goldenVectors } from '../exact/goldenVectors.ts'
import { packFactors, packMultipliers, packNibbles, packRows, productOfRows } from './weightMatrix.ts'
import { matrixOf, seededWeights } from './weightTensors.ts'

describe('packed weights', () => {
  it('have 4-bit codes where a Q4_1 block of a GGUF has them', () => {
    const codes = Uint8Array.from({ length: 32 }, (_, at) => at % 16)
    codes[17] = 9
    const bytes = new Uint8Array(packNibbles(codes, { n: 1, k: 32 }).buffer)
    expect([...bytes.subarray(0, 4)]).toEqual([0x00, 0x91, 0x22, 0x33])
  })

  it('have eight multipliers to a word, lowest bits first, and begin each row with a word', () => {
    const multipliers = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, ...Array(9).fill(15)])
    const words = packMultipliers(multipliers, { n: 2, k: 9 * 32 })
    expect([...words].map((word) => word.toString(16))).toEqual(['87654321', '9', 'ffffffff', 'f'])
  })

  it('have factor and offset with their signs in one word', () => {
    const words = packFactors(Int16Array.of(-1, 255), Int16Array.of(2, -32768))
    expect([...words].map((word) => word.toString(16))).toEqual(['2ffff', '800000ff'])
  })

  it('have rows of whole groups', () => {
    expect([...packRows(Int8Array.of(-1, 2), { n: 2, k: 1 })]).toEqual([
      ...[255, 0, 0, 0, 0, 0, 0, 0],
      ...[2, 0, 0, 0, 0, 0, 0, 0],
    ])
  })

  it('stand for the matrix that they were made of', () => {
    const sizes = fc.record({ n: fc.integer({ min: 0, max: 5 }), k: fc.integer({ min: 0, max: 300 }) })
    const forms = fc.constantFrom('perChannel', 'g32x4', 'q41x8')
    fc.assert(
      fc.property(forms, sizes, fc.nat(), (form, size, seed) => {
        const { tensors, matrix } = seededWeights(form, size, seed)
        expect(matrixOf(form, tensors, size)).toEqual(Int32Array.from(matrix))
      }),
    )
  })
})

it('the product has the golden accumulators of rule S5', () => {
  for (const { W, q, acc } of goldenVectors.linear) {
    const size = { m: 1, n: W.length, k: q.length }
    expect([...productOfRows(Int32Array.from(q), Int32Array.from(W.flat()), size)]).toEqual(acc)
  }
})
