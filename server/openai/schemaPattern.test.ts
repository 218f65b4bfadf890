import { describe, expect, it } from 'vitest'
import { readPattern } from './schemaPattern.ts'

describe('a pattern of a schema', () => {
  it.each([
    ['^[a-z]+@[a-z.]+$', '^[a-z]+@[a-z\\.]+$'],
    ['\\d{3}-\\w*', '[0-9]{3}-[a-zA-Z0-9_]*'],
    ['(?:ab|c)?', '(?:ab|c)?'],
    ['\\u0041\\x42\\.', 'AB\\.'],
    ['[\\w.-]', '[a-zA-Z0-9_\\.\\-]'],
    ['😀+', '😀+'],
    ['[a-]', '[a\\-]'],
  ])('%s is kept', (pattern, kept) => {
    expect(readPattern(pattern)).toEqual({ pattern: kept })
  })

  it.each([
    ['^.*$', '^[^"\\\\\\u0000-\\u001f]*$'],
    ['[^,]', '[^,"\\\\\\u0000-\\u001f]'],
    ['[^"\\\\]', '[^"\\\\\\u0000-\\u001f]'],
    ['\\S', '[^ "\\\\\\u0000-\\u001f]'],
    ['\\s', '[ ]'],
  ])('%s is narrowed to what needs no escape in JSON', (pattern, kept) => {
    expect(readPattern(pattern)).toEqual({ pattern: kept })
  })

  it.each([
    [7],
    ['('],
    ['[]a]'],
    ['{'],
    ['a'.repeat(1001)],
    ['(?=a)'],
    ['(?<name>a)'],
    ['(a)\\1'],
    ['\\bword\\b'],
    ['\\p{L}'],
    ['a^b'],
    ['a$b'],
    ['a"b'],
    ['\\\\'],
    ['\\n'],
    ['[!-~]'],
    ['[\\s\\S]'],
    ['\\ud83d'],
  ])('%j has no form in a grammar', (pattern) => {
    expect(readPattern(pattern)).toHaveProperty('wrong')
  })
})
