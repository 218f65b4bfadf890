import { classCharacter, literal } from './ebnfText.ts'

/** What the rest of a key may not be, by its next character; `ends` where it may not end here. */
interface Taken {
  ends: boolean
  next: Map<string, Taken>
}

/**
 * A JSON string that is none of these names, so that no other key repeats a property: without escapes, which could spell
 * one of them.
 * @param rule makes a rule of a body and gives its name
 */
export function otherKeys(names: readonly string[], rule: (body: string) => string): string {
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
  const NOT_PLAIN = '\\u0000-\\u001f\\u0022\\u005c'
  const free = rule(`[^${NOT_PLAIN}]* "\\""`)
  const restOf = ({ ends, next }: Taken): string => {
    const taken = [...next.keys()].map((character) => classCharacter(character.codePointAt(0)!)).join('')
    const alternatives = [...next].map(([character, after]) => `${literal(character)} ${rule(restOf(after))}`)
    return [...(ends ? [] : ['"\\""']), `[^${taken}${NOT_PLAIN}] ${free}`, ...alternatives].join(' | ')
  }
  return `"\\"" ${rule(restOf(root))}`
}
