import { expect, it } from 'vitest'
import { withExactSeeds } from './exactSeeds.ts'

const read = (text: string): unknown => withExactSeeds(text, JSON.parse(text))

it.each([
  ['{"model": "m", "seed": 9007199254740993}', { model: 'm', seed: 9007199254740993n }],
  ['{"model": "m", "seed":-9223372036854775807}', { model: 'm', seed: -9223372036854775807n }],
  ['{"seed" : 18446744073709551615, "model": "m"}', { model: 'm', seed: 18446744073709551615n }],
  [
    '{"kind": "chat", "body": {"model": "m", "seed": 9007199254740993}}',
    { kind: 'chat', body: { model: 'm', seed: 9007199254740993n } },
  ],
])('keeps all digits of the seed in %s', (text, body) => {
  expect(read(text)).toEqual(body)
})

it.each([
  '{"model": "m", "seed": 7}',
  '{"model": "m", "seed": 9007199254740991}',
  '{"model": "m", "seed": 1234567890123456.5}',
  '{"model": "m", "seed": 9007199254740993e0}',
  '{"model": "m", "seed": "9007199254740993"}',
  '{"model": "m", "metadata": {"seed": 9007199254740993}}',
  '{"model": "m", "user": "\\"seed\\": 9007199254740993"}',
  '{"kind": "kernel", "seed": 9007199254740993}',
  '[{"model": "m", "seed": 9007199254740993}]',
  '"\\"seed\\": 9007199254740993"',
])('leaves %s as it is', (text) => {
  expect(read(text)).toEqual(JSON.parse(text))
})
