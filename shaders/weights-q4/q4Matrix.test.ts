import { describe, expect, it } from 'vitest'
import { tensorOf } from '../../protocol/tensor.ts'
import { expandBlocks } from '../../protocol/weights/expandBlocks.ts'
import { type MatMulBlocks, matMulBlocks } from '../../protocol/weights/matMulBlocks.ts'
import { packBlocks } from '../../protocol/weights/packBlocks.ts'
import { q4Bound } from './q4Bound.ts'
import { q4Matrix, timesRows } from './q4Matrix.ts'

const n = 3
const k = 96
const values = Float32Array.from({ length: n * k }, (_, at) => Math.sin(at * at) + 0.5)
const shape = [n, k / 32]
const tensorsOf = ({ codes, scales }: MatMulBlocks) => [
  tensorOf('codes', 'UINT8', [...shape, 16], codes),
  tensorOf('scales', 'FP32', shape, scales),
]

describe('a matrix of 4-bit blocks', () => {
  it('is what packed weights with offsets stand for, their parts taken as they are', () => {
    const bytes = packBlocks('q4_1', values)
    const blocks = matMulBlocks({ name: 'w', format: 'q4_1', bytes })
    const tensors = [...tensorsOf(blocks), tensorOf('offsets', 'FP32', shape, blocks.offsets!)]
    const { weights } = q4Matrix('offsets', tensors, { n, k })
    const wanted = expandBlocks('q4_1', bytes)
    // An offset is rounded once where it is made: half a unit in the last place of at most 4.
    for (const [at, weight] of weights.entries())
      expect(Math.abs(weight - wanted[at]!)).toBeLessThan(2 ** -22)
  })

  it('is what packed weights without offsets stand for, whose zero points are all 8', () => {
    const bytes = packBlocks('q4_0', values)
    const points = new Uint8Array(n * 2).fill(0x88)
    const tensors = [
      ...tensorsOf(matMulBlocks({ name: 'w', format: 'q4_0', bytes })),
      tensorOf('zeroPoints', 'UINT8', [n, 2], points),
    ]
    const { weights } = q4Matrix('zeroPoints', tensors, { n, k })
    expect(Float32Array.from(weights)).toEqual(expandBlocks('q4_0', bytes))
  })

  it('takes the zero point of a block from the half byte that is its own', () => {
    const tensors = [
      tensorOf('codes', 'UINT8', [1, 3, 16], new Uint8Array(48).fill(0xff)),
      tensorOf('scales', 'FP32', [1, 3], Float32Array.of(1, 1, 2)),
      tensorOf('zeroPoints', 'UINT8', [1, 2], Uint8Array.of(0xf1, 0x0a)),
    ]
    const { weights } = q4Matrix('zeroPoints', tensors, { n: 1, k: 96 })
    expect([weights[0], weights[32], weights[64]]).toEqual([14, 0, 10])
  })
})

it('rows times x are zero where k is', () => {
  expect([...timesRows([], new Float64Array(0), { m: 1, n: 2, k: 0 })]).toEqual([0, 0])
})

describe('the bound of 4-bit products', () => {
  it('is five roundings of one weight, and grows with twice k', () => {
    expect(q4Bound(1, 1, 0)).toBeCloseTo(5 * 2 ** -24, 12)
    expect(q4Bound(1000, 1, 0) / q4Bound(1, 1, 0)).toBeCloseTo(2003 / 5, 0)
  })

  it('leaves room for numbers that are flushed to zero', () => {
    expect(q4Bound(3, 0, 5)).toBe(8 * 2 ** -124)
  })
})
