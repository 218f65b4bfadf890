import { expect, it } from 'vitest'
import { LabError } from '../labWords.ts'
import { withoutTypes } from './withoutTypes.ts'

it.each([
  ['2 * x[i]', '2 * x[i]'],
  ['(x[i] as number)! + 1 // twice', '(x[i] ) + 1 // twice'],
  ['((a: number): number => {\n  const b: number = a as any;\n  return b\n})(i)', null],
  ['x.map((v: number): number => v * 2)', 'x.map((v) => v * 2)'],
])('takes the types out of %j, every line where it was', (text, plain) => {
  const stripped = withoutTypes(text)
  if (plain !== null) expect(stripped).toBe(plain)
  expect(stripped.split('\n')).toHaveLength(text.split('\n').length)
  expect(stripped).not.toMatch(/: number| as /)
})

it.each([
  ['2 * x[i] 4', 1],
  ['2 *', 1],
  ['x[i] +\n  "abc', 2],
  ['1 +\n2 +\nlet a', 3],
  // Inside a function, and in one inside that.
  ['x.map((v) => {\n  const a: number = v\n  return a a\n})', 3],
  ['x.map((v: number): number => {\n  return [v].map((w) => {\n    w = = 2\n  })\n})', 3],
  ['x.map((v) =>\n  v +)', 2],
])('says at which line %j cannot be read', (text, line) => {
  let said: unknown = null
  try {
    withoutTypes(text)
  } catch (error) {
    said = error instanceof LabError ? error.words : error
  }
  expect(said).toMatchObject({
    key: 'check.syntax',
    values: { line, reason: expect.stringMatching(/^[A-Z].*\.$/) },
  })
})
