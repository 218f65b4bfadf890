import { elementsOf, tensorOf } from '../../protocol/tensor.ts'
import { timesSigmoidBound } from '../float/sigmoidBound.ts'
import { compounded, SMALLEST_NORMAL, UNIT_ROUNDOFF } from '../float/wgslAccuracy.ts'
import { anyInputs, floatMismatch, type KernelCase, type KernelSuite } from '../kernelSuite.ts'
import { siluMul } from './kernel.ts'
import { gatesAndUps, type SiluMulShape, siluMulReference } from './reference.ts'

const given = (name: string, gates: readonly number[], up: number): KernelCase => {
  const n = gates.length
  const gateUp = Float32Array.from([...gates, ...Array<number>(n).fill(up)])
  return {
    name,
    shape: { rows: 1, n },
    seed: 0,
    inputs: () => [tensorOf('gateUp', 'FP32', [1, 2, n], gateUp)],
  }
}

const siluMulCases: readonly KernelCase[] = [
  { name: 'no row', shape: { rows: 0, n: 5 }, seed: 1 },
  { name: 'empty rows', shape: { rows: 3, n: 0 }, seed: 1 },
  { name: 'one element', shape: { rows: 1, n: 1 }, seed: 2 },
  given('gates where the sigmoid ends', [0, -0, 86, 88, 1000, -86, -88, -104, -1000, 1e30, -1e30], 2),
  given('gates about one and the ends of their numbers', [3e38, 1, -1, 2 ** -126, -(2 ** -120)], 0.5),
  { name: 'a prime shape', shape: { rows: 7, n: 131 }, seed: 3 },
  { name: 'rows of a model', shape: { rows: 3, n: 1536 }, seed: 0xffffffff },
]

/** A product of what sigmoidBound.ts bounds, rounded once more. */
function siluMulBound(gate: number, up: number, y: number): number {
  const error = timesSigmoidBound(gate, gate) * Math.abs(up)
  return error + compounded(UNIT_ROUNDOFF) * (Math.abs(y) + error) + SMALLEST_NORMAL
}

export const siluMulSuite: KernelSuite = {
  kernel: siluMul,
  cases: siluMulCases,
  anyShape: { rows: { from: 0, to: 20 }, n: { from: 0, to: 300 } },
  inputs(shape, seed) {
    // Gates of [-16, 16).
    const [gateUp] = anyInputs(siluMul)(shape, seed)
    const wide = (elementsOf(gateUp!) as Float32Array).map((value) => value * 16)
    return [tensorOf('gateUp', 'FP32', gateUp!.shape, wide)]
  },
  reference([gateUp], shape: SiluMulShape) {
    const y = Float32Array.from(siluMulReference(elementsOf(gateUp!) as Float32Array, shape))
    return [tensorOf('y', 'FP32', [shape.rows, shape.n], y)]
  },
  mismatch([y], [gateUp], shape: SiluMulShape) {
    const numbers = elementsOf(gateUp!) as Float32Array
    const values = siluMulReference(numbers, shape)
    const pairs = gatesAndUps(numbers, shape)
    const expected = { name: 'y', datatype: 'FP32', shape: [shape.rows, shape.n], values } as const
    return floatMismatch(y, expected, (at) => siluMulBound(...pairs[at]!, values[at]!))
  },
}
