import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { printable, printableJson, printableLine, printablePieces } from './printable.ts'

const HOSTILE = '\u001b[2J\u001b[31mred\r\n::error file=x::fake\n\u202e\u009b'

describe('text of others in a terminal', () => {
  it.each([
    ['', ''],
    ['two\n\tlines\n', 'two\n\tlines\n'],
    ['größer 😀 مرحبا', 'größer 😀 مرحبا'],
    [HOSTILE, '[2J[31mred\n: :error file=x::fake\n'],
    ['::debug::x', ': :debug::x'],
    [' \t :\u0007:debug::x', ' \t : :debug::x'],
    ['a\u2028::debug::x', 'a\n: :debug::x'],
    ['std::vector and a::b', 'std::vector and a::b'],
    ['x ##[error]fake', 'x ## [error]fake'],
    ['## [a list]', '## [a list]'],
    ['\ud800', '\ufffd'],
  ])('prints %j as %j', (text, printed) => {
    expect(printable(text)).toBe(printed)
  })

  it('is one line where it is a cell', () => {
    expect(printableLine('::a\n::b')).toBe(': :a ::b')
  })

  it('prints the same whether it comes whole or in pieces', () => {
    const parts = fc.constantFrom(':', ':', '#', '#', '[', '\n', ' ', '\t', '\u001b', '\u2028', 'a', '😀')
    fc.assert(
      fc.property(fc.array(parts), (pieces) => {
        const print = printablePieces()
        expect(pieces.map(print).join('')).toBe(printable(pieces.join('')))
      }),
    )
  })

  it('never begins a command, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(':', '#', '[', '\n', ' ', '\u0000', 'a') }), (text) => {
        const printed = printable(text)
        expect(printed).not.toMatch(/^\s*::/m)
        expect(printed).not.toContain('##[')
        expect(printable(printed)).toBe(printed)
      }),
    )
  })

  it('writes a document that is read as it was, without a character that may not be printed', () => {
    const document = { text: `${HOSTILE}\u0085\u2028 ##[error]`, list: [['#']] }
    const json = printableJson(document)
    expect(JSON.parse(json)).toEqual(document)
    expect(json).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028]|##\[/u)
  })
})
