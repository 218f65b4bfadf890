import { elementsOf, tensorOf } from '../../protocol/tensor.ts'
import { anyInputs, type KernelCase, type KernelSuite } from '../kernelSuite.ts'
import { hashU32 } from './kernel.ts'
import { hashU32Reference } from './reference.ts'

const zeros = (n: number): KernelCase => ({
  name: `${n} zeros`,
  shape: { n },
  seed: 0,
  inputs: () => [tensorOf('words', 'UINT32', [n], new Uint32Array(n))],
})

export const hashU32Cases: readonly KernelCase[] = [
  { name: 'no word', shape: { n: 0 }, seed: 1 },
  { name: 'one word', shape: { n: 1 }, seed: 2 },
  zeros(1),
  zeros(64),
  { name: 'one short of a leaf', shape: { n: 63 }, seed: 3 },
  { name: 'one past a leaf', shape: { n: 65 }, seed: 4 },
  { name: 'an odd number of leaves', shape: { n: 64 * 13 + 5 }, seed: 5 },
  { name: 'leaves that fill a node of 256', shape: { n: 64 * 256 }, seed: 6 },
  { name: 'one leaf past a node of 256', shape: { n: 64 * 257 }, seed: 7 },
  { name: 'a prime number of words', shape: { n: 70_001 }, seed: 0xffffffff },
]

export const hashU32Suite: KernelSuite = {
  kernel: hashU32,
  cases: hashU32Cases,
  anyShape: { n: { from: 0, to: 5000 } },
  inputs: anyInputs(hashU32),
  reference([words]) {
    return [tensorOf('digest', 'UINT32', [4], hashU32Reference(elementsOf(words!) as Uint32Array))]
  },
}
