import { describe, expect, it } from 'vitest'
import { argumentsOf, messageParts, parseMessage } from './formatMessage.ts'

const locale = (tag: string) => ({ plural: new Intl.PluralRules(tag), number: new Intl.NumberFormat(tag) })
const en = locale('en')
const format = (message: string, values: Record<string, string | number>, to = en) =>
  messageParts(message, values, to).join('')

describe('a message', () => {
  it('refuses a missing value, an open brace and a plural without other', () => {
    expect(() => format('Hello {name}', {})).toThrow('no value for name')
    expect(() => parseMessage('Hello {name')).toThrow('} expected at character 11')
    expect(() => parseMessage('Hello } name')).toThrow('the end expected')
    expect(() => parseMessage('{n, plural, one {x}}')).toThrow('other')
    expect(() => parseMessage('{n, date, short}')).toThrow('plural or select')
  })

  it('takes an apostrophe as it is', () => {
    expect(format("It isn't {x}", { x: 'so' })).toBe("It isn't so")
  })

  it('prefers an exact number to a plural class', () => {
    const message = '{n, plural, =0 {No tasks} one {# task} other {# tasks}}'
    expect(format(message, { n: 0 })).toBe('No tasks')
    expect(format(message, { n: 1 })).toBe('1 task')
    expect(format(message, { n: 1234 })).toBe('1,234 tasks')
  })

  it('knows the plural classes of Russian and Japanese', () => {
    const ru = '{n, plural, one {# задача} few {# задачи} many {# задач} other {# задачи}}'
    expect([1, 2, 5, 21].map((n) => format(ru, { n }, locale('ru')))).toEqual([
      '1 задача',
      '2 задачи',
      '5 задач',
      '21 задача',
    ])
    expect(format('{n, plural, other {タスク#件}}', { n: 1 }, locale('ja'))).toBe('タスク1件')
  })

  it('chooses by word, falls back to other, and nests', () => {
    const message = '{kind, select, a {{n, plural, one {# apple} other {# apples}}} other {{n} things}}'
    expect(format(message, { kind: 'a', n: 2 })).toBe('2 apples')
    expect(format(message, { kind: 'b', n: 2 })).toBe('2 things')
  })

  it('writes a hash outside a plural as a hash', () => {
    expect(format('# {n}', { n: 1 })).toBe('# 1')
  })

  it('keeps elements apart and joins the text around them', () => {
    const element = { element: true }
    expect(messageParts('See {link} and {word}.', { link: element, word: 'go' }, en)).toEqual([
      'See ',
      element,
      ' and go.',
    ])
  })

  it('names its arguments', () => {
    expect(argumentsOf('{b} {a, plural, other {# of {c}}}')).toEqual(['a', 'b', 'c'])
  })
})
