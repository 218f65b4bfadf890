import {
  type CodeRanges,
  choice,
  complement,
  escaped,
  oneOf,
  plain,
  type Regular,
  repeat,
  sequence,
} from './regular.ts'

const sets: Readonly<Record<string, CodeRanges>> = {
  d: [[0x30, 0x39]],
  w: [
    [0x30, 0x39],
    [0x41, 0x5a],
    [0x5f, 0x5f],
    [0x61, 0x7a],
  ],
  s: [[0x20, 0x20]],
}

/**
 * The texts between the quotes of a JSON string that match a regular expression as a whole, without those that JSON escapes.
 * Taken: characters, classes, `.`, `\d \w \s` and their opposites, groups, `|`, and the quantifiers; a `^` at the beginning
 * and a `$` at the end.
 * @throws Error naming what no grammar keeps
 */
export function patternLanguage(pattern: string): Regular {
  // The u flag, so that the engine refuses what is no regular expression.
  new RegExp(pattern, 'u')
  const reader = new PatternReader(pattern.replace(/^\^/, '').replace(/(?<!\\)((?:\\\\)*)\$$/, '$1'))
  const language = reader.choices()
  if (!reader.isAtEnd) reader.refuse()
  return language
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
    const shown = JSON.stringify(this.#pattern.slice(this.#at, this.#at + 6))
    throw new Error(`its pattern has ${shown}, which no grammar keeps`)
  }

  choices(): Regular {
    const all = [this.#sequence()]
    while (this.#takes('|')) all.push(this.#sequence())
    return choice(...all)
  }

  #sequence(): Regular {
    const parts: Regular[] = []
    while (!this.isAtEnd && !'|)'.includes(this.#pattern[this.#at]!))
      parts.push(this.#quantified(this.#element()))
    return sequence(...parts)
  }

  #element(): Regular {
    if (this.#takes('(')) {
      if (this.#pattern[this.#at] === '?' && !this.#takes('?:')) this.refuse()
      const group = this.choices()
      this.#takes(')')
      return group
    }
    if (this.#takes('[')) return this.#class()
    if (this.#takes('.')) return plain
    const ranges = this.#set()
    if (ranges) return { kind: 'set', ranges }
    if ('^$*+?{}'.includes(this.#pattern[this.#at]!)) this.refuse()
    return oneOf(String.fromCodePoint(this.#character()))
  }

  #quantified(part: Regular): Regular {
    const [found, sign, least, comma, most] =
      /^(?:([*+?])|\{(\d+)(,?)(\d*)\})/.exec(this.#pattern.slice(this.#at)) ?? []
    if (found === undefined) return part
    this.#at += found.length
    // Lazy ones match the same texts.
    this.#takes('?')
    if (sign !== undefined) return repeat(part, sign === '+' ? 1 : 0, sign === '?' ? 1 : null)
    return repeat(part, Number(least), most ? Number(most) : comma ? null : Number(least))
  }

  #class(): Regular {
    const isOpposite = this.#takes('^')
    const ranges: (readonly [number, number])[] = []
    while (!this.#takes(']')) {
      const named = this.#set()
      if (named) ranges.push(...named)
      else ranges.push(this.#range())
    }
    if (isOpposite) return { kind: 'set', ranges: complement([...ranges, ...escaped]) }
    const hasEscaped = ranges.some(([low, high]) => escaped.some(([from, to]) => low <= to && from <= high))
    if (hasEscaped) return { kind: 'set', ranges: complement([...complement(ranges), ...escaped]) }
    return { kind: 'set', ranges }
  }

  /** A character of a class, or two with all between them. */
  #range(): readonly [number, number] {
    const from = this.#character(true)
    if (this.#pattern[this.#at] !== '-' || this.#pattern[this.#at + 1] === ']') return [from, from]
    this.#at++
    return [from, this.#character(true)]
  }

  /** `\d` and the like. */
  #set(): CodeRanges | null {
    const letter = this.#pattern[this.#at] === '\\' ? (this.#pattern[this.#at + 1] ?? '') : ''
    const ranges = sets[letter.toLowerCase()]
    if (ranges === undefined) return null
    this.#at += 2
    return letter === letter.toLowerCase() ? ranges : complement([...ranges, ...escaped])
  }

  /** Code of a character, escaped or not; what JSON escapes only in classes, which can do without. */
  #character(isOfClass = false): number {
    const rest = this.#pattern.slice(this.#at)
    const hex = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]+)\})/.exec(rest)
    const sign = /^\\([\^$\\.*+?()[\]{}|/-])/.exec(rest)
    const code = hex ? Number.parseInt(hex[1] ?? hex[2] ?? hex[3]!, 16) : (sign?.[1] ?? rest).codePointAt(0)!
    const isEscaped = escaped.some(([from, to]) => from <= code && code <= to)
    const isOther = !hex && !sign && rest.startsWith('\\')
    if (isOther || (code >= 0xd800 && code <= 0xdfff) || (isEscaped && !isOfClass)) this.refuse()
    this.#at += hex?.[0].length ?? sign?.[0].length ?? String.fromCodePoint(code).length
    return code
  }

  #takes(characters: string): boolean {
    if (!this.#pattern.startsWith(characters, this.#at)) return false
    this.#at += characters.length
    return true
  }
}
