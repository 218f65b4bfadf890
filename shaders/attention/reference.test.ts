import { expect, it } from 'vitest'
import { attentionReference, queryWeights } from './reference.ts'

const shape = { rows: 2, before: 1, kvHeads: 1, group: 2, width: 4, window: 100, scale: 0.5 }
const inputs = {
  queries: new Float32Array(2 * 2 * 4),
  keys: new Float32Array(3 * 4),
  values: Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0),
}

it('a query sees its own key and those before, and its group shares keys and values', () => {
  const half = [0.5, 0.5, 0, 0]
  const third = [1 / 3, 1 / 3, 1 / 3, 0]
  expect([...attentionReference(inputs, shape)]).toEqual([...half, ...half, ...third, ...third])
})

it('a window ends at the query itself', () => {
  const y = attentionReference(inputs, { ...shape, window: 1 })
  expect([...y]).toEqual([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0])
})

it('scores are scaled products and weights are their softmax', () => {
  const queries = Float32Array.of(2, 0, 0, 0, ...new Float32Array(12))
  const keys = Float32Array.of(Math.log(3), 0, 0, 0, ...new Float32Array(8))
  const [first] = queryWeights({ ...inputs, queries, keys }, shape)
  expect(first!.scores[0]).toBeCloseTo(Math.log(3), 6)
  expect(first!.magnitudes[0]).toBeCloseTo(Math.log(3), 6)
  expect(first!.weights[0]).toBeCloseTo(0.75, 6)
})
