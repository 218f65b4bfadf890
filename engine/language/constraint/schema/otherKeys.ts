import { characterSet, within } from './characterSet.ts'
import { literal } from './ebnfText.ts'
import type { GrammarRules } from './grammarRules.ts'
import { PLAIN } from './jsonRules.ts'
import { complement, escaped } from './regular.ts'

/** What the rest of a key may not be, by its next character; `ends` where it may not end here. */
interface Taken {
  ends: boolean
  next: Map<string, Taken>
}

/**
 * A JSON string that is none of these names, so that no other key repeats a property: without escapes, which could spell
 * one of them.
 */
export function otherKeys(names: readonly string[], rules: GrammarRules): string {
  const root: Taken = { ends: false, next: new Map() }
  for (const name of names) {
    let at = root
    for (const character of name) {
      const next = at.next.get(character) ?? { ends: false, next: new Map() }
      at.next.set(character, next)
      at = next
    }
    at.ends = true
  }
  const free = rules.add(`${PLAIN}* "\\""`)
  const restOf = ({ ends, next }: Taken): string => {
    const codes = [...next.keys()].map((character) => character.codePointAt(0)!)
    const left = complement([...codes.map((code) => [code, code] as const), ...escaped])
    // All beyond ASCII or none: other sets cannot be written.
    const hasOthers = codes.every((code) => code <= 0x7f)
    const alternatives = [...next].map(
      ([character, after]) => `${literal(character)} ${rules.add(restOf(after))}`,
    )
    return [
      ...(ends ? [] : ['"\\""']),
      `${characterSet(hasOthers ? left : within(left, 0, 0x7f))} ${free}`,
      ...alternatives,
    ].join(' | ')
  }
  return `"\\"" ${rules.add(restOf(root))}`
}
