import { expect, it } from 'vitest'
import { LabError } from '../labWords.ts'
import { expressionReference } from './expressionReference.ts'

const output = {
  name: 'y',
  datatype: 'FP32' as const,
  shape: [2, 3],
  role: 'output' as const,
  fill: { kind: 'zeros' as const },
}
const inputs = new Map([['x', Float32Array.of(1, 2, 3, 4, 5, 6)]])
const numbers = { n: 6, größe: 2, class: 3 }

const gives = async (text: string) => Array.from(await expressionReference(text, inputs, numbers, output))
const refusal = (text: string) =>
  gives(text).then(
    () => null,
    (error) => (error instanceof LabError ? error.words : error),
  )

it('gives an element at a time, or the whole array; types are left out', async () => {
  expect(await gives('(x[i] as number) * n // six times')).toEqual([6, 12, 18, 24, 30, 36])
  expect(await gives('at[0]! * 10 + at[1]!')).toEqual([0, 1, 2, 10, 11, 12])
  expect(await gives('x.map((v: number): number => v * größe)')).toEqual([2, 4, 6, 8, 10, 12])
  expect(await gives('x[i] > 3')).toEqual([0, 0, 0, 1, 1, 1])
})

it.each([
  ['  ', 'check.empty', {}],
  ['x[i] +\n 4 4', 'check.syntax', { line: 2 }],
  ['x[i] +\n z', 'check.threw', { line: 2, reason: 'z is not defined' }],
  ['((): number => {\n\n  throw new RangeError("no")\n})()', 'check.threw', { line: 3, reason: 'no' }],
  ['x[i + 4]', 'check.noNumber', { index: '2', value: 'undefined' }],
  ['"7"', 'check.noNumber', { index: '0', value: '"7"' }],
  ['await 1', 'check.failed', {}],
])('says what is wrong with %j', async (text, key, values) => {
  expect(await refusal(text)).toMatchObject({ key, values })
})
