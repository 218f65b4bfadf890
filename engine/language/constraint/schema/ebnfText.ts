/** A text as a literal of xgrammar's EBNF. */
export const literal = (text: string): string => `"${[...text].map(escapeCharacter).join('')}"`

const escapeCharacter = (character: string): string =>
  /[ !#-[\]-~]/.test(character) ? character : escapeCode(character.codePointAt(0)!)

/** With all digits: `\x1` and more would take the next ones too. */
const escapeCode = (code: number): string =>
  code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
