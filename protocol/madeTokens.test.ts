import { expect, it } from 'vitest'
import { readMadeTokens } from './madeTokens.ts'
import { type Tensor, tensorOf } from './tensor.ts'

const ids = (...of: number[]): Tensor => tensorOf('ids', 'INT32', [of.length], Int32Array.from(of))
const finish = (code: number): Tensor => tensorOf('finish', 'INT32', [1], Int32Array.of(code))
/** Log-probabilities of `tokens` tokens, two alternatives each. */
const logprobs = (tokens: number): Tensor[] => [
  tensorOf(
    'logprobs',
    'FP32',
    [tokens],
    Float32Array.from({ length: tokens }, (_, i) => -i),
  ),
  tensorOf(
    'top_ids',
    'INT32',
    [tokens, 2],
    Int32Array.from({ length: 2 * tokens }, (_, i) => 10 + i),
  ),
  tensorOf(
    'top_logprobs',
    'FP32',
    [tokens, 2],
    Float32Array.from({ length: 2 * tokens }, (_, i) => -i / 2),
  ),
]

it.each([
  [[ids(7, 8), finish(0)], { ids: [7, 8], finish: 'stop', logprobs: null }],
  [[ids(7), finish(1)], { ids: [7], finish: 'length', logprobs: null }],
  [[ids(7)], { ids: [7], finish: null, logprobs: null }],
  [[ids(), finish(0)], { ids: [], finish: 'stop', logprobs: null }],
  [[ids(), finish(0), ...logprobs(0)], { ids: [], finish: 'stop', logprobs: [] }],
  [
    [ids(7, 8), finish(1), ...logprobs(2)],
    {
      ids: [7, 8],
      finish: 'length',
      logprobs: [
        [
          -0,
          [
            [10, -0],
            [11, -0.5],
          ],
        ],
        [
          -1,
          [
            [12, -1],
            [13, -1.5],
          ],
        ],
      ],
    },
  ],
])('reads what was made: %#', (outputs, made) => {
  const read = readMadeTokens(outputs)
  expect({ ...read, ids: [...read.ids] }).toEqual(made)
})
