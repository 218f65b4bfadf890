/** Most characters of a sentence that came from somebody else. */
export const MAX_SENTENCE = 500

/**
 * A text of somebody else as one line that can be shown anywhere: well-formed Unicode in which control characters (C0, DEL, C1),
 * line separators and marks of direction are spaces. Nothing in it can move a cursor, begin a line or turn the text around.
 * @param most characters (UTF-16) that are kept; what is cut ends with an ellipsis
 */
export function cleanLine(text: string, most = MAX_SENTENCE): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ')
    .trim()
  return line.length <= most ? line : `${line.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
