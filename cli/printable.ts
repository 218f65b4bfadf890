import { cleanLine } from '../protocol/cleanLine.ts'

/** Whatever moves a cursor, changes a terminal or turns text around; new lines and tabs may stay. */
const CONTROLS = /[\p{Cc}\p{Bidi_Control}]/gu

/**
 * Makes text of others fit to be printed as it comes, piece by piece: new lines and tabs stay, other control characters and marks
 * of direction go, and nothing is a command of a build server that reads the output (`::error::` where a line begins, `##[error]`
 * anywhere): a space parts its first characters.
 */
export function printablePieces(): (piece: string) => string {
  /** The last two characters of the line so far, without the white space that it begins with. */
  let before = ''
  let isLeading = true
  return (piece) => {
    let out = ''
    const text = piece
      .toWellFormed()
      .replace(/[\p{Zl}\p{Zp}]/gu, '\n')
      .replace(CONTROLS, (control) => (control === '\n' || control === '\t' ? control : ''))
    for (const character of text) {
      const isCommand =
        (isLeading && before === ':' && character === ':') || (before.endsWith('##') && character === '[')
      if (isCommand) out += ' '
      out += character
      if (character === '\n') {
        before = ''
        isLeading = true
      } else if (before !== '' || character.trim() !== '') {
        before = (before + character).slice(-2)
        if (before !== ':') isLeading = false
      }
    }
    return out
  }
}

/** A whole text of others as it may be printed where a line begins. */
export const printable = (text: string): string => printablePieces()(text)

/** The same in one line, as for a cell of a table. */
export const printableLine = (text: string): string => printable(cleanLine(text))

/** A document as one line of JSON, with what may not be printed as escapes: it is read as the same document. */
export const printableJson = (document: unknown): string =>
  JSON.stringify(document)
    .replace(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, escaped)
    .replaceAll('##[', `##${escaped('[')}`)

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
