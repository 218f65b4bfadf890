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
  ['', 'expression.empty', {}],
  ['k * 2', 'expression.unknownName', { name: 'k' }],
  ['m /', 'expression.syntax', { at: 3 }],
  ['m lanes', 'expression.noArithmetic', null],
  ['m * (2', 'expression.syntax', { at: 6 }],
  ['m / 0', 'expression.infinite', { value: 'Infinity' }],
  ['m.constructor', 'expression.noArithmetic', null],
  ['constructor', 'expression.unknownName', { name: 'constructor' }],
  ['toString()', 'expression.noArithmetic', null],
  ['"7"', 'expression.noArithmetic', null],
  ['m; 2', 'expression.noArithmetic', null],
])('%j is refused', (text, key, values) => {
  const refused = (() => {
    try {
      return evaluateExpression(text, scope)
    } catch (error) {
      return error instanceof ExpressionError ? error.words : error
    }
  })()
  expect(refused).toMatchObject({ key, ...(values && { values }) })
})
