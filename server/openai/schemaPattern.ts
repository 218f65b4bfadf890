/** Longest regular expression of a schema, characters. */
const MAX_PATTERN_CHARACTERS = 1000
/** What no text inside JSON holds as it is: quotes, backslashes and control characters. */
const ESCAPED_IN_JSON = '"\\\\\\u0000-\\u001f'
const DIGITS = '0-9'
const WORD = 'a-zA-Z0-9_'
/** Of white space the blank alone: the rest stands escaped in JSON. */
const classes: Record<string, string> = {
  d: `[${DIGITS}]`,
  D: `[^${DIGITS}${ESCAPED_IN_JSON}]`,
  w: `[${WORD}]`,
  W: `[^${WORD}${ESCAPED_IN_JSON}]`,
  s: '[ ]',
  S: `[^ ${ESCAPED_IN_JSON}]`,
}
const insideClass: Record<string, string> = { d: DIGITS, w: WORD, s: ' ' }

/**
 * A schema's `pattern` as a grammar can keep it, or what is wrong with it. A grammar matches the text as it stands in
 * JSON, so `.` and the classes are narrowed to what needs no escape there. Look-around, references, named groups,
 * word borders, Unicode classes and anchors in the middle have no form in a grammar.
 */
export function readPattern(pattern: unknown): { pattern: string } | { wrong: string } {
  if (typeof pattern !== 'string') return { wrong: 'must be a string' }
  if (pattern.length > MAX_PATTERN_CHARACTERS)
    return { wrong: `has more than ${MAX_PATTERN_CHARACTERS} characters` }
  try {
    new RegExp(pattern, 'u')
  } catch {
    return { wrong: 'is not a regular expression' }
  }
  let kept = ''
  for (let at = 0; at < pattern.length; ) {
    const character = pattern[at]!
    const inMiddle = character === '^' ? at > 0 : character === '$' && at < pattern.length - 1
    if (inMiddle) return { wrong: `has \`${character}\` in its middle, which no grammar keeps` }
    if (character === '(' && pattern[at + 1] === '?' && pattern[at + 2] !== ':')
      return { wrong: 'has a look-around or a named group, which no grammar keeps' }
    const read =
      character === '['
        ? readClass(pattern, at)
        : character === '\\'
          ? readEscape(pattern, at)
          : { text: character === '.' ? `[^${ESCAPED_IN_JSON}]` : plain(character), next: at + 1 }
    if (read?.text === null || read === null)
      return { wrong: `has \`${pattern.slice(at, at + 6)}\`, which no grammar keeps` }
    kept += read.text
    at = read.next
  }
  return { pattern: kept }
}

type Read = { text: string | null; next: number } | null

/** A character that may stand in JSON as it is; null for the others. */
const plain = (character: string): string | null =>
  character === '"' || character === '\\' || character < ' ' ? null : character

/** `\d`, `\.`, `\x41`, `\u0041`. */
function readEscape(pattern: string, at: number): Read {
  const letter = pattern[at + 1] ?? ''
  const range = classes[letter]
  if (range !== undefined) return { text: range, next: at + 2 }
  const literal = readLiteral(pattern, at)
  return literal && { text: literal.text, next: literal.next }
}

/** One character of a class or a pattern, escaped or not, with its code. */
function readLiteral(pattern: string, at: number): { text: string; next: number; code: number } | null {
  let next = at
  let code = pattern.codePointAt(at)!
  if (code === 0x5c) {
    const hex = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4}))/.exec(pattern.slice(at, at + 6))
    if (hex) {
      code = Number.parseInt(hex[1] ?? hex[2]!, 16)
      next += hex[0].length
    } else {
      if (!/[.\\/^$*+?()[\]{}|-]/.test(pattern[at + 1] ?? '')) return null
      code = pattern.codePointAt(at + 1)!
      next += 2
    }
  } else {
    next += code > 0xffff ? 2 : 1
  }
  if (code < 0x20 || code === 0x22 || code === 0x5c || (code >= 0xd800 && code <= 0xdfff)) return null
  const special = /[.\\/^$*+?()[\]{}|-]/.test(String.fromCodePoint(code))
  return { text: `${special ? '\\' : ''}${String.fromCodePoint(code)}`, next, code }
}

/** `[a-z\d]`, `[^,]`. */
function readClass(pattern: string, from: number): Read {
  const isNegated = pattern[from + 1] === '^'
  let at = from + (isNegated ? 2 : 1)
  let inside = ''
  while (pattern[at] !== ']') {
    const shorthand = pattern[at] === '\\' ? insideClass[pattern[at + 1] ?? ''] : undefined
    if (shorthand !== undefined) {
      inside += shorthand
      at += 2
      continue
    }
    const first = readLiteral(pattern, at)
    // What JSON escapes is out of a negated class already.
    if (!first && isNegated && /^(?:"|\\["\\nrtfv])/.test(pattern.slice(at, at + 2))) {
      at += pattern[at] === '"' ? 1 : 2
      continue
    }
    if (!first) return null
    at = first.next
    inside += first.text
    if (pattern[at] !== '-' || pattern[at + 1] === ']') continue
    const last = readLiteral(pattern, at + 1)
    if (!last || (!isNegated && [0x22, 0x5c].some((code) => first.code <= code && code <= last.code)))
      return null
    inside += `-${last.text}`
    at = last.next
  }
  if (!isNegated && inside === '') return null
  return { text: isNegated ? `[^${inside}${ESCAPED_IN_JSON}]` : `[${inside}]`, next: at + 1 }
}
