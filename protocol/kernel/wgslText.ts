import type { KernelRefusal, KernelRule } from './kernelProgram.ts'

/** A token: its text and where it begins, in UTF-16 units from the start. */
export interface WgslToken {
  text: string
  at: number
}

/** A refusal at a place of the text; line and column count from 1. */
export function refusalAt(text: string, at: number, rule: KernelRule, message: string): KernelRefusal {
  const lineStart = text.lastIndexOf('\n', at - 1) + 1
  let line = 1
  for (let i = 0; i < lineStart; i++) if (text.charCodeAt(i) === 10) line++
  return { line, column: at - lineStart + 1, rule, message }
}

/** A text without the byte order mark that Windows' editors begin a file with. */
export const withoutByteOrderMark = (text: string): string => text.replace(/^\ufeff/, '')

/** What WGSL ends a line comment with, besides the line feed: another reader could see code where this one sees none. */
const LINE_BREAK = /[\n\v\f\r\u0085\u2028\u2029]/

/**
 * The program with its comments and a byte order mark before it blanked out: every place keeps its line and column, and whoever compiles it sees the
 * very tokens that were looked at here.
 */
export function withoutComments(text: string): { code: string } | { refusal: KernelRefusal } {
  let code = ''
  let at = 0
  while (at < text.length) {
    const two = text.slice(at, at + 2)
    if (two === '//') {
      const end = at
      while (at < text.length && !LINE_BREAK.test(text[at]!)) at++
      code += ' '.repeat(at - end)
    } else if (two === '/*') {
      const end = endOfBlockComment(text, at)
      if (end < 0) return { refusal: refusalAt(text, at, 'syntax', 'This comment is not closed.') }
      code += text.slice(at, end).replace(/[^\n]/g, ' ')
      at = end
    } else {
      const unit = text.charCodeAt(at)
      const plain = (unit >= 32 && unit < 127) || unit === 9 || unit === 10
      const isMark = at === 0 && unit === 0xfeff
      if (!plain && !isMark && unit !== 13) {
        const shown = `U+${unit.toString(16).toUpperCase().padStart(4, '0')}`
        return { refusal: refusalAt(text, at, 'text', `${shown} stands outside of a comment.`) }
      }
      code += unit === 13 || isMark ? ' ' : text[at]
      at++
    }
  }
  return { code }
}

/** Block comments nest. */
function endOfBlockComment(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const two = text.slice(at, at + 2)
    if (two === '/*') depth++
    else if (two === '*/') depth--
    else continue
    at++
    if (depth === 0) return at + 1
  }
  return -1
}

const TOKEN =
  /[A-Za-z_]\w*|0[xX][0-9a-fA-F.]+(?:[pP][+-]?\d+)?[iufh]?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[iufh]?|<<=|>>=|->|\+\+|--|&&|\|\||[-+*/%&|^=!<>]=|<<|[^\s]/g

/**
 * The tokens of code without comments. `>>` stays two tokens: it may close two templates; whoever looks for a shift
 * looks for two that touch.
 */
export function tokensOf(code: string): WgslToken[] {
  return Array.from(code.matchAll(TOKEN), (match) => ({ text: match[0], at: match.index }))
}

const closing: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
])

/** Where each bracket closes, by the index of its opening token. */
export function bracketsOf(
  code: string,
  tokens: readonly WgslToken[],
  mostDeep: number,
): { closes: ReadonlyMap<number, number> } | { refusal: KernelRefusal } {
  const closes = new Map<number, number>()
  const open: number[] = []
  for (const [index, { text, at }] of tokens.entries()) {
    if (closing.has(text)) {
      open.push(index)
      if (open.length > mostDeep)
        return { refusal: refusalAt(code, at, 'nesting', `Brackets are nested more than ${mostDeep} deep.`) }
    } else if (text === ')' || text === ']' || text === '}') {
      const opening = open.pop()
      // A block that is closed by another bracket has one too many; another bracket that is closed so has none.
      if (opening === undefined || (tokens[opening]!.text === '{' && text !== '}'))
        return { refusal: refusalAt(code, at, 'syntax', `This \`${text}\` closes nothing.`) }
      const { text: opened, at: openedAt } = tokens[opening]!
      if (closing.get(opened) !== text)
        return { refusal: refusalAt(code, openedAt, 'syntax', `This \`${opened}\` is not closed.`) }
      closes.set(opening, index)
    }
  }
  const left = open.pop()
  if (left === undefined) return { closes }
  const { text, at } = tokens[left]!
  return { refusal: refusalAt(code, at, 'syntax', `This \`${text}\` is not closed.`) }
}

/** Most `<` of one statement: each may open a template, and readers of templates take long over many in each other. */
const MOST_ANGLES = 64

export function tooManyAngles(code: string, tokens: readonly WgslToken[]): KernelRefusal | null {
  let angles = 0
  for (const { text, at } of tokens) {
    if (text === ';' || text === '{' || text === '}') angles = 0
    else if (text === '<' && ++angles > MOST_ANGLES)
      return refusalAt(code, at, 'nesting', `A statement has more than ${MOST_ANGLES} of \`<\`.`)
  }
  return null
}
