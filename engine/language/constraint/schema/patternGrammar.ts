import { classCharacter, literal } from './ebnfText.ts'
import { PLAIN } from './jsonRules.ts'

/** What a class leaves out so that no character of it has to be escaped in JSON. */
const NOT_PLAIN = '\\u0000-\\u001f\\u0022\\u005c'
const sets: Readonly<Record<string, string>> = { d: '0-9', w: 'A-Za-z0-9_', s: ' ' }

/**
 * The text between the quotes of a JSON string that matches a regular expression as a whole. Taken: characters, classes,
 * `.`, `\d \w \s` and their opposites, groups, `|`, and the quantifiers; a `^` at the beginning and a `$` at the end.
 * @throws Error naming what no grammar keeps
 */
export function patternGrammar(pattern: string): string {
  // The u flag, so that the engine refuses what is no regular expression.
  new RegExp(pattern, 'u')
  const reader = new PatternReader(pattern.replace(/^\^/, '').replace(/(?<!\\)((?:\\\\)*)\$$/, '$1'))
  const text = reader.alternatives()
  if (!reader.isAtEnd) reader.refuse()
  return text
}

class PatternReader {
  readonly #pattern: string
  #at = 0

  constructor(pattern: string) {
    this.#pattern = pattern
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#pattern.length
  }

  refuse(): never {
    throw new Error(
      `its pattern has ${JSON.stringify(this.#pattern.slice(this.#at, this.#at + 6))}, which no grammar keeps`,
    )
  }

  alternatives(): string {
    const all = [this.#sequence()]
    while (this.#takes('|')) all.push(this.#sequence())
    return `(${all.join(' | ')})`
  }

  #sequence(): string {
    const parts: string[] = []
    while (!this.isAtEnd && !'|)'.includes(this.#pattern[this.#at]!))
      parts.push(this.#element() + this.#quantifier())
    return parts.join(' ') || '""'
  }

  #element(): string {
    if (this.#takes('(')) {
      if (this.#pattern[this.#at] === '?' && !this.#takes('?:')) this.refuse()
      const group = this.alternatives()
      this.#takes(')')
      return group
    }
    if (this.#takes('[')) return this.#class()
    if (this.#takes('.')) return PLAIN
    const set = this.#set()
    if (set) return set.isOpposite ? `[^${set.ranges}${NOT_PLAIN}]` : `[${set.ranges}]`
    if ('^$*+?{}'.includes(this.#pattern[this.#at]!)) this.refuse()
    return literal(String.fromCodePoint(this.#character()))
  }

  #quantifier(): string {
    const [, quantifier = ''] = /^([*+?]|\{\d+(?:,\d*)?\})\??/.exec(this.#pattern.slice(this.#at)) ?? []
    this.#at += quantifier.length
    // Lazy ones match the same texts.
    if (quantifier !== '') this.#takes('?')
    return quantifier
  }

  #class(): string {
    const isOpposite = this.#takes('^')
    let ranges = ''
    while (!this.#takes(']')) {
      const set = this.#set()
      if (set?.isOpposite) this.refuse()
      if (set) {
        ranges += set.ranges
        continue
      }
      const from = this.#character(isOpposite)
      const isRange = this.#pattern[this.#at] === '-' && this.#pattern[this.#at + 1] !== ']'
      ranges += classCharacter(from)
      if (!isRange) continue
      this.#at++
      const to = this.#character(isOpposite)
      // Between them may lie what JSON escapes.
      if (!isOpposite && [0x22, 0x5c].some((code) => from < code && code < to)) this.refuse()
      ranges += `-${classCharacter(to)}`
    }
    return isOpposite ? `[^${ranges}${NOT_PLAIN}]` : `[${ranges}]`
  }

  /** `\d` and the like. */
  #set(): { ranges: string; isOpposite: boolean } | null {
    if (this.#pattern[this.#at] !== '\\') return null
    const letter = this.#pattern[this.#at + 1] ?? ''
    const ranges = sets[letter.toLowerCase()]
    if (ranges === undefined) return null
    this.#at += 2
    return { ranges, isOpposite: letter !== letter.toLowerCase() }
  }

  /** Code of a character, escaped or not; what JSON escapes only where it is left out. */
  #character(isLeftOut = false): number {
    const rest = this.#pattern.slice(this.#at)
    const hex = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]+)\})/.exec(rest)
    const sign = /^\\([\^$\\.*+?()[\]{}|/-])/.exec(rest)
    const code = hex ? Number.parseInt(hex[1] ?? hex[2] ?? hex[3]!, 16) : (sign?.[1] ?? rest).codePointAt(0)!
    const isEscaped = code < 0x20 || code === 0x22 || code === 0x5c
    const isOther = !hex && !sign && rest.startsWith('\\')
    if (isOther || (code >= 0xd800 && code <= 0xdfff) || (isEscaped && !isLeftOut)) this.refuse()
    this.#at += hex?.[0].length ?? sign?.[0].length ?? String.fromCodePoint(code).length
    return code
  }

  #takes(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }
}
