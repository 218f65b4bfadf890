import { elementsOf, type Tensor, tensorOf } from '../../protocol/tensor.ts'
import type { KernelCase, KernelSuite } from '../kernelSuite.ts'
import { seededWords } from '../seededTensors.ts'
import { sortU32 } from './kernel.ts'
import { sortU32Reference } from './reference.ts'

type SortShape = { n: number; payload: number }

const tensors = (keys: Uint32Array, { n, payload }: SortShape): Tensor[] => [
  tensorOf('keys', 'UINT32', [n], keys),
  // Places, by which one sees whether equal keys kept their order.
  tensorOf('values', 'UINT32', [payload, n], keys.map((_, at) => at).subarray(0, payload * n)),
]

const given = (name: string, keys: readonly number[]): KernelCase => {
  const shape = { n: keys.length, payload: 1 }
  return { name, shape, seed: 0, inputs: () => tensors(Uint32Array.from(keys), shape) }
}

export const sortU32Cases: readonly KernelCase[] = [
  { name: 'no key', shape: { n: 0, payload: 1 }, seed: 1 },
  { name: 'one key', shape: { n: 1, payload: 0 }, seed: 2 },
  given('the ends of u32', [0xffffffff, 0, 0x80000000, 0x7fffffff, 0xffffffff, 0]),
  given('one key many times', Array(1500).fill(0xdeadbeef)),
  given(
    'keys in descending order',
    Array.from({ length: 1300 }, (_, at) => 0xffffffff - at * 1000),
  ),
  given(
    'keys that differ in one byte each',
    Array.from({ length: 1100 }, (_, at) => ((at * 37) % 256) * 2 ** (8 * (at % 4))),
  ),
  { name: 'one short of a block', shape: { n: 1023, payload: 1 }, seed: 3 },
  { name: 'a whole block', shape: { n: 1024, payload: 0 }, seed: 4 },
  { name: 'one past a block', shape: { n: 1025, payload: 1 }, seed: 5 },
  // 137 blocks: the counts of their digits are more than one part of the scan, whichever way they are added up.
  { name: 'a prime number of keys', shape: { n: 140_009, payload: 1 }, seed: 0xffffffff },
]

export const sortU32Suite: KernelSuite = {
  kernel: sortU32,
  cases: sortU32Cases,
  anyShape: { n: { from: 0, to: 4000 }, payload: [0, 1] },
  inputs(shape: SortShape, seed) {
    // An even seed: few different keys, so that many are equal.
    const keys = seededWords(seed, 0, shape.n).map((word) => (seed % 2 === 0 ? word % 50 : word))
    return tensors(keys, shape)
  },
  reference([keys, values], { n, payload }: SortShape) {
    const { sortedKeys, sortedValues } = sortU32Reference(
      elementsOf(keys!) as Uint32Array,
      elementsOf(values!) as Uint32Array,
    )
    return [
      tensorOf('sortedKeys', 'UINT32', [n], sortedKeys),
      tensorOf('sortedValues', 'UINT32', [payload, n], sortedValues),
    ]
  },
}
