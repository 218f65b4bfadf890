import { expect, it } from 'vitest'
import { withExactSeeds } from './exactSeeds.ts'

const read = (text: string): unknown => withExactSeeds(text, JSON.parse(text))

it.each([
  ['{"seed": 9007199254740993}', { seed: 9007199254740993n }],
  ['{"model": "m", "seed":-9223372036854775807}', { model: 'm', seed: -9223372036854775807n }],
  ['{"seed" : 18446744073709551615}', { seed: 18446744073709551615n }],
  [
    '{"kind": "chat", "body": {"seed": 9007199254740993}}',
    { kind: 'chat', body: { seed: 9007199254740993n } },
  ],
])('keeps all digits of the seed in %s', (text, body) => {
  expect(read(text)).toEqual(body)
})

it.each([
  '{"seed": 7}',
  '{"seed": 9007199254740991}',
  '{"seed": 1234567890123456.5}',
  '{"seed": 9007199254740993e0}',
  '{"seed": "9007199254740993"}',
  '{"metadata": {"seed": 9007199254740993}}',
  '{"user": "\\"seed\\": 9007199254740993"}',
  '[{"seed": 9007199254740993}]',
  '"\\"seed\\": 9007199254740993"',
])('leaves %s as it is', (text) => {
  expect(read(text)).toEqual(JSON.parse(text))
})
