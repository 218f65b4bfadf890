import { expect, it } from 'vitest'
import { ExpressionError, evaluateExpression } from './expression.ts'

const scope = { m: 7, lanes: 4 }

it.each([
  ['0', 0],
  ['-m + 1', -6],
  ['2 + 3 * m', 23],
  ['(2 + 3) * m % 4', 3],
  ['ceilDiv(m, lanes)', 2],
  ['max(m, lanes, 9) ** 2', 81],
  [' 1e3 ', 1000],
])('%s is %d', (text, value) => {
  expect(evaluateExpression(text, scope)).toBe(value)
})

it.each([
  ['', 'is empty'],
  ['k * 2', 'names k, which has no value'],
  ['m /', 'Expected expression after / at character 3'],
  ['m / 0', 'gives Infinity'],
  ['m.constructor', 'is no arithmetic over numbers and names'],
  ['constructor', 'names constructor, which has no value'],
  ['toString()', 'is no arithmetic over numbers and names'],
  ['"7"', 'is no arithmetic over numbers and names'],
  ['m; 2', 'is no arithmetic over numbers and names'],
])('%j is refused', (text, message) => {
  expect(() => evaluateExpression(text, scope)).toThrow(new ExpressionError(message))
})
