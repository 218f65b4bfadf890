import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanLine, MAX_SENTENCE } from './cleanLine.ts'

describe('a line of somebody else', () => {
  it.each([
    ['', ''],
    [' two words ', 'two words'],
    ['\u001b[2J\u001b[31mred\u001b[0m', '[2J [31mred [0m'],
    ['a\r\n::error file=x::fake', 'a ::error file=x::fake'],
    ['\u009b2J\u007f\u0085x', '2J x'],
    ['a\u2028b\u2029c', 'a b c'],
    ['\u202etxt.exe\u202c \u2066a\u2069', 'txt.exe   a'],
    ['\ud800a', '\ufffda'],
    ['größer 😀 مرحبا', 'größer 😀 مرحبا'],
  ])('%j is %j', (text, line) => {
    expect(cleanLine(text)).toBe(line)
  })

  it('is cut between characters, with an ellipsis', () => {
    expect(cleanLine('x'.repeat(501))).toBe(`${'x'.repeat(499)}…`)
    expect(cleanLine('x'.repeat(500))).toBe('x'.repeat(500))
    expect(cleanLine(`ab😀cd`, 4)).toBe('ab…')
  })

  it('is well-formed, short and of one line whatever is given, and stays as it is the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 700 }), (text) => {
        const line = cleanLine(text)
        expect(line.isWellFormed()).toBe(true)
        expect(line.length).toBeLessThanOrEqual(MAX_SENTENCE)
        expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u)
        expect(cleanLine(line)).toBe(line)
      }),
      { numRuns: 30 },
    )
  })
})
