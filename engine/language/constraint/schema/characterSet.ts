import { literal } from './ebnfText.ts'
import { type CodeRanges, complement, LAST_CODE } from './regular.ts'

const LAST_ASCII = 0x7f
/** Most characters beyond ASCII that are written one by one. */
const MAX_LISTED = 256

/**
 * A set of characters in xgrammar's EBNF. Its classes (0.1.27) take ASCII alone, and those that leave some out everything
 * beyond ASCII: other characters are written one by one.
 * @throws Error when there are too many of them
 */
export function characterSet(ranges: CodeRanges): string {
  const ascii = within(ranges, 0, LAST_ASCII)
  const others = within(ranges, LAST_ASCII + 1, LAST_CODE)
  const count = others.reduce((sum, [from, to]) => sum + to - from + 1, 0)
  if (count === LAST_CODE - LAST_ASCII)
    return `[^${within(complement(ranges), 0, LAST_ASCII).map(shown).join('')}]`
  if (count > MAX_LISTED) {
    throw new Error(`it has a set of ${count} characters beyond ASCII, neither all nor at most ${MAX_LISTED}`)
  }
  const listed = others.flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, i) => literal(String.fromCodePoint(from + i))),
  )
  const all = [...(ascii.length > 0 ? [`[${ascii.map(shown).join('')}]`] : []), ...listed]
  return all.length === 1 ? all[0]! : `(${all.join(' | ')})`
}

export function within(ranges: CodeRanges, first: number, last: number): CodeRanges {
  return ranges
    .map(([from, to]) => [Math.max(from, first), Math.min(to, last)] as const)
    .filter(([from, to]) => from <= to)
}

const shown = ([from, to]: readonly [number, number]): string =>
  from === to ? classCharacter(from) : `${classCharacter(from)}-${classCharacter(to)}`

const classCharacter = (code: number): string => {
  const character = String.fromCodePoint(code)
  return /[A-Za-z0-9_ ]/.test(character) ? character : `\\u${code.toString(16).padStart(4, '0')}`
}
