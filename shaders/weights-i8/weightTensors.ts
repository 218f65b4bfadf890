import { seededInt8 } from '../../protocol/seededInputs.ts'
import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { seededWords } from '../seededTensors.ts'
import type { WeightForm } from './weightForms.ts'
import {
  g32x4Matrix,
  groupCount,
  type MatrixSize,
  packFactors,
  packMultipliers,
  packNibbles,
  packRows,
  q41x8Matrix,
} from './weightMatrix.ts'

/** Seeded weights of a form with the integer matrix i32[n, k] that they stand for. */
export interface SeededWeights {
  tensors: Tensor[]
  matrix: Int32Array | Int8Array
}

/** Weights that a seed stands for, every code and factor of the form among them; inputs 1 and up of the seed. */
export function seededWeights(form: WeightForm['program'], size: MatrixSize, seed: number): SeededWeights {
  const { n, k } = size
  const groups = groupCount(k)
  const codes = seededInt8(seed, 1, n * k)
  if (form === 'perChannel') return { tensors: [rowTensor(packRows(codes, size), size)], matrix: codes }
  const words = seededWords(seed, 2, n * groups)
  if (form === 'g32x4') {
    const multipliers = Uint8Array.from(words, (word) => word % 16)
    const packed = packMultipliers(multipliers, size)
    return {
      tensors: [
        rowTensor(packRows(codes, size), size),
        tensorOf('multipliers', 'UINT32', [n, Math.ceil(groups / 8)], packed),
      ],
      matrix: g32x4Matrix({ codes, multipliers }, size),
    }
  }
  const nibbles = Uint8Array.from(codes, (code) => code & 15)
  const factors = Int16Array.from(words, (word) => word)
  const offsets = Int16Array.from(words, (word) => word >>> 16)
  return {
    tensors: [
      tensorOf('weights', 'UINT32', [n, groups * 4], packNibbles(nibbles, size)),
      tensorOf('factors', 'UINT32', [n, groups], packFactors(factors, offsets)),
    ],
    matrix: q41x8Matrix({ codes: nibbles, factors, offsets }, size),
  }
}

const rowTensor = (words: Uint32Array, { n, k }: MatrixSize): Tensor =>
  tensorOf('weights', 'UINT32', [n, groupCount(k) * 8], words)

/** The integer matrix i32[n, k] that the tensors of a form stand for: what `seededWeights` packs, unpacked. */
export function matrixOf(
  form: WeightForm['program'],
  tensors: readonly Tensor[],
  size: MatrixSize,
): Int32Array {
  const { n, k } = size
  const groups = groupCount(k)
  const [weights, second] = tensors.map((tensor) => elementsOf(tensor) as Uint32Array)
  const matrix = new Int32Array(n * k)
  for (let row = 0; row < n; row++) {
    for (let at = 0; at < k; at++) {
      const group = row * groups + (at >> 5)
      if (form === 'q41x8') {
        const word = weights![group * 4 + ((at & 15) >> 2)]!
        const code = (word >>> ((at & 3) * 8 + (at & 16 ? 4 : 0))) & 15
        const packed = second![group]!
        matrix[row * k + at] = Math.imul(code, (packed << 16) >> 16) + (packed >> 16)
        continue
      }
      const code = (weights![group * 8 + ((at & 31) >> 2)]! << (24 - (at & 3) * 8)) >> 24
      const word = form === 'g32x4' ? second![row * Math.ceil(groups / 8) + (at >> 8)]! : 0
      matrix[row * k + at] = form === 'g32x4' ? code * ((word >>> (((at >> 5) & 7) * 4)) & 15) : code
    }
  }
  return matrix
}
