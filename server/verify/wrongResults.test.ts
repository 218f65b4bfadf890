import { expect, it } from 'vitest'
import { tensorOf } from '../../protocol/tensor.ts'
import { makeWrong, wrongResultKinds } from './wrongResults.ts'

const results = {
  integers: [tensorOf('c', 'INT32', [2, 3], new Int32Array([1, -2, 3, 4, 5, 6]))],
  floats: [tensorOf('y', 'FP32', [3], new Float32Array([1.5, -1, 0]))],
  'zeros only': [tensorOf('c', 'INT32', [4], new Int32Array(4))],
  'equal floats': [tensorOf('y', 'FP32', [2], new Float32Array([-1, -1]))],
  'an empty output first': [
    tensorOf('e', 'INT64', [0], new BigInt64Array(0)),
    tensorOf('c', 'INT64', [2], new BigInt64Array([-1n, 255n])),
  ],
}

for (const kind of wrongResultKinds) {
  it.each(Object.entries(results))(
    `${kind} of %s is never the right result, which stays as it is`,
    (_, right) => {
      const before = structuredClone(right)
      for (let seed = 0; seed < 64; seed++) {
        const wrong = makeWrong(kind, right, seed, right)
        expect(wrong).not.toEqual(before)
        expect(makeWrong(kind, right, seed, right)).toEqual(wrong)
      }
      expect(right).toEqual(before)
    },
  )
}

it('is stale with the outputs of the other task', () => {
  expect(makeWrong('stale', results.integers, 1, results['zeros only'])).toEqual(results['zeros only'])
})

it('adds one with a carry', () => {
  const wrong = makeWrong('one-element', [tensorOf('c', 'INT32', [1], new Int32Array([255]))], 1)
  expect([...wrong[0]!.bytes]).toEqual([0, 1, 0, 0])
})
