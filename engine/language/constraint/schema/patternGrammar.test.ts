import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ebnfRegExp } from './ebnfRegExp.ts'
import { patternGrammar } from './patternGrammar.ts'

/** Whether both take the same of some texts. */
function compare(pattern: string, text: string): void {
  const whole = new RegExp(`^(?:${pattern})$`, 'u')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what JSON escapes is what is left out
  const isPlain = !/["\\\u0000-\u001f]/.test(text)
  expect(ebnfRegExp(patternGrammar(pattern)).test(text), `${pattern} of ${text}`).toBe(
    isPlain && whole.test(text),
  )
}

describe('a pattern as a grammar', () => {
  it.each([
    'a',
    'a|bc|',
    '(a|b)*c',
    '(?:ab){2,3}?',
    '[a-cx]+?',
    '[^a-c]{0,2}',
    '\\d{2,}-\\w?',
    '[\\d_-]+',
    '[^\\s"]*',
    '.\\.',
    '\\x41\\u0042\\u{43}',
    'é?[à-ü]',
    '[\\]\\-\\^]+',
    '[a-]',
    '[\\u{1f600}-\\u{1f64f}]',
  ])('takes what %s takes, unless JSON escapes it', (pattern) => {
    const unit = fc.constantFrom(...'abcxAB C019_-].^é"\\\n\u0001', 'ü', '😀')
    fc.assert(fc.property(fc.string({ unit, maxLength: 6 }), (text) => compare(pattern, text)))
  })

  it('takes anchors at its ends for granted', () => {
    expect(patternGrammar('^ab$')).toBe(patternGrammar('ab'))
    expect(ebnfRegExp(patternGrammar('a\\$')).test('a$')).toBe(true)
  })

  it.each([
    '(?=a)b',
    '(?<name>a)',
    'a(?!b)',
    '(a)\\1',
    '\\bword',
    '\\p{L}',
    'a^b',
    'a$b',
    '"',
    '\\n',
    '[\\\\]',
    '[!-~]',
    '[\\D]',
  ])('is refused where it is %s', (pattern) => {
    expect(() => patternGrammar(pattern)).toThrow('no grammar keeps')
  })

  it.each(['(', '[', '*', 'a{2,1}', '\\'])('is refused where %s is no regular expression', (pattern) => {
    expect(() => patternGrammar(pattern)).toThrow('Invalid regular expression')
  })
})
