import { SPACE_THRESHOLD } from './ocrLimits.ts'
import type { ReadLine } from './readSteps.ts'

/** Characters by class: the blank, the lines of the key file, the space. */
export function readCharacters(keyFile: Uint8Array): string[] {
  return [
    '',
    ...new TextDecoder()
      .decode(keyFile)
      .replace(/\r?\n$/, '')
      .split(/\r?\n/),
    ' ',
  ]
}

/** First code point of the scripts that are written without spaces (CJK radicals, kana, ideographs, full width). */
const UNSPACED_FROM = 0x2e80

const isSpaced = (character: string): boolean =>
  character !== ' ' && character !== '' && character.codePointAt(0)! < UNSPACED_FROM

/** The text of a line, with the spaces that the graph was too shy to name. */
export function lineText({ classes, spaceBefore }: ReadLine, characters: readonly string[]): string {
  let text = ''
  let last = ''
  for (const [place, id] of classes.entries()) {
    const character = characters[id] ?? ''
    if (spaceBefore[place]! >= SPACE_THRESHOLD && isSpaced(last) && isSpaced(character)) text += ' '
    text += character
    last = character
  }
  return text.trim()
}
