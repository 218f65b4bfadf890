/** A grammar without rules as a regular expression, for tests: `"3" [1-2] [0-9]{2}` is `^(?:3[1-2][0-9]{2})$`. */
export function ebnfRegExp(grammar: string): RegExp {
  const parts = grammar.match(/"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|\{[^}]*\}|[()|*+?]/gu) ?? []
  const source = parts.map((part) => (part.startsWith('"') ? literalSource(part) : unescapeCodes(part)))
  return new RegExp(`^(?:${source.join('')})$`, 'u')
}

const literalSource = (part: string): string =>
  `(?:${[...(JSON.parse(part) as string)].map((one) => `\\u{${one.codePointAt(0)!.toString(16)}}`).join('')})`

const unescapeCodes = (part: string): string =>
  part.replace(
    /\\(?:u([0-9a-f]{4})|U([0-9a-f]{8}))/g,
    (_, short, long) => `\\u{${short ?? long.replace(/^0+/, '')}}`,
  )
