import { describe, expect, it } from 'vitest'
import { elementsOf, type Tensor } from '../protocol/tensor.ts'
import { mismatchOf } from './kernelSuite.ts'
import { kernelSuites } from './kernelSuites.ts'
import { areWhole, smallWholeNumbers, unlessExact } from './wholeNumbers.ts'

/** The kernels that add up floats in long sums, and the input of which an element is lost. */
const summing: Readonly<Record<string, string>> = {
  'reduce-sum-f32': 'x',
  'scan-f32': 'x',
  'matvec-f32': 'x',
  'matmul-f32': 'b',
  'matmul-f16': 'b',
  'matvec-q4': 'x',
  'matvec-q4-offsets': 'x',
  'matmul-q4': 'x',
  'matmul-q4-offsets': 'x',
  'conv2d-f32': 'weights',
  rmsnorm: 'x',
  layernorm: 'x',
}
const norms = ['rmsnorm', 'layernorm']

/** The place of the element that is least missed. */
function smallestOf(tensor: Tensor): number {
  const sizes = Array.from(elementsOf(tensor) as Float32Array, (value) =>
    tensor.datatype === 'FP16' ? value & 0x7fff : Math.abs(value),
  )
  return sizes.indexOf(Math.min(...new Set(sizes.filter((size) => size > 0))))
}

function without(tensor: Tensor, at: number): Tensor {
  const bytes = tensor.bytes.slice()
  const size = bytes.byteLength / elementsOf(tensor).length
  return { ...tensor, bytes: bytes.fill(0, at * size, (at + 1) * size) }
}

describe('a long sum of whole numbers', () => {
  it.for(Object.entries(summing))('of %s misses one that was lost', ([name, lost]) => {
    const suite = kernelSuites.find(({ kernel }) => kernel.name === name)!
    const found = suite.cases.find((each) => each.name.startsWith('whole numbers'))
    const inputs = found!.inputs!()
    const right = suite.reference(inputs, found!.shape)
    expect(mismatchOf(suite, right, inputs, found!.shape)).toBe(null)
    const at = smallestOf(inputs.find((tensor) => tensor.name === lost)!)
    const others = inputs.map((tensor) => (tensor.name === lost ? without(tensor, at) : tensor))
    const wrong = suite.reference(others, found!.shape)
    // What a norm makes of the lost element itself says nothing about its sums.
    if (norms.includes(name)) wrong[0]!.bytes.set(right[0]!.bytes.subarray(at * 4, at * 4 + 4), at * 4)
    expect(mismatchOf(suite, wrong, inputs, found!.shape)).toMatch(/ and must be /)
  })
})

describe('whole numbers', () => {
  it('are small, of both signs and never zero', () => {
    const values = smallWholeNumbers(1, 0, 10_000)
    expect([...new Set(values)].sort((a, b) => a - b)).toEqual([-3, -2, -1, 1, 2, 3])
    expect(areWhole(values, [], [0])).toBe(true)
    for (const other of [0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(areWhole(values, [other])).toBe(false)
    }
  })

  it('have exact sums as far as f32 holds them all', () => {
    expect(unlessExact(true, 2 ** 24, 7)).toBe(0)
    expect(unlessExact(true, 2 ** 24 + 1, 7)).toBe(7)
    expect(unlessExact(false, 1, 7)).toBe(7)
  })
})
