/** A text as a literal of xgrammar's EBNF. */
export const literal = (text: string): string => `"${[...text].map(escapeLiteral).join('')}"`

/** A character as it stands in a class of xgrammar's EBNF, `[a-z]`. */
export const classCharacter = (code: number): string => {
  const character = String.fromCodePoint(code)
  return /[A-Za-z0-9_ ]/.test(character) ? character : escapeCode(code)
}

const escapeLiteral = (character: string): string =>
  /[ !#-[\]-~]/.test(character) ? character : escapeCode(character.codePointAt(0)!)

/** With all digits: `\x1` and more would take the next ones too. */
const escapeCode = (code: number): string =>
  code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`

/** Alternatives in brackets; one alone stands for itself. @throws Error where there is none */
export function anyOf(alternatives: readonly string[]): string {
  if (alternatives.length === 0) throw new Error('it allows nothing')
  return alternatives.length === 1 ? alternatives[0]! : `(${alternatives.join(' | ')})`
}
