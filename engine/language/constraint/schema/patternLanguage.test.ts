import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accepts, automatonOf } from './automaton.ts'
import { patternLanguage } from './patternLanguage.ts'

const takes = (pattern: string, text: string): boolean => accepts(automatonOf(patternLanguage(pattern)), text)

/** Whether both take the same of some texts. */
function compare(pattern: string, text: string): void {
  const whole = new RegExp(`^(?:${pattern})$`, 'u')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what JSON escapes is what is left out
  const isPlain = !/["\\\u0000-\u001f]/.test(text)
  expect(takes(pattern, text), `${pattern} of ${text}`).toBe(isPlain && whole.test(text))
}

describe('the language of a pattern', () => {
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
    '[!-~]+',
    '[\\D]',
    '[^\\D2-9]+',
    '["a\\\\]',
    '(a*b|[ab]c){1,2}a?',
    '[\\u{1f600}-\\u{1f64f}]',
  ])('takes what %s takes, unless JSON escapes it', (pattern) => {
    const unit = fc.constantFrom(...'abcxAB C019_-].^é"\\\n\u0001', 'ü', '😀')
    fc.assert(fc.property(fc.string({ unit, maxLength: 6 }), (text) => compare(pattern, text)))
  })

  it('takes anchors at its ends for granted', () => {
    expect([takes('^ab$', 'ab'), takes('^ab$', 'xab'), takes('a\\$', 'a$')]).toEqual([true, false, true])
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
    '\\\\',
  ])('is refused where it is %s', (pattern) => {
    expect(() => patternLanguage(pattern)).toThrow('no grammar keeps')
  })

  it.each(['(', '[', '*', 'a{2,1}', '\\'])('is refused where %s is no regular expression', (pattern) => {
    expect(() => patternLanguage(pattern)).toThrow('Invalid regular expression')
  })
})
