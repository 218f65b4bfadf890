import type { KernelRefusal } from './kernelProgram.ts'
import { refusalAt, type WgslToken } from './wgslText.ts'

/**
 * The first `@id`, `@group` or `@binding` whose number is more than digits, such as `@id(5u)` or `@group(0x1)`: the readers
 * of a program do not all take these for the same number. Or the first `@id` of something else than an override, or attribute
 * that stands twice in a row of them: the readers pass over these, and compilers do not.
 */
export function attributeFault(code: string, tokens: readonly WgslToken[]): KernelRefusal | null {
  /** Attributes of the row that is read, and where the last of them ends. */
  let row = new Set<string>()
  let end = 0
  for (const [i, { text, at }] of tokens.entries()) {
    if (tokens[i - 1]?.text !== '@') continue
    if (end !== i - 1) row = new Set()
    if (row.has(text) && text !== 'diagnostic')
      return refusalAt(code, at, 'syntax', `@${text.slice(0, 80)} stands here twice.`)
    row.add(text)
    end = endOfAttribute(tokens, i)
    if (text === 'id' && tokens[i + 3]?.text === ')' && tokens[i + 4]?.text !== 'override')
      return refusalAt(code, at, 'override', '@id stands before an override only.')
    if (!/^(?:id|group|binding)$/.test(text)) continue
    if (/^(?:0|[1-9]\d{0,8})$/.test(tokens[i + 2]?.text ?? '') && tokens[i + 3]?.text === ')') continue
    const rule = text === 'id' ? 'override' : 'binding'
    return refusalAt(code, at, rule, `@${text} needs a number of plain digits.`)
  }
  return null
}

/** Longest argument that is followed, tokens: a row of attributes ends behind a longer one. */
const MOST_ARGUMENT = 64

/** Index of the token behind an attribute whose name is at `name`, its argument included. */
function endOfAttribute(tokens: readonly WgslToken[], name: number): number {
  if (tokens[name + 1]?.text !== '(') return name + 1
  let depth = 0
  for (let i = name + 1; i < Math.min(tokens.length, name + MOST_ARGUMENT); i++) {
    if (tokens[i]!.text === '(') depth++
    else if (tokens[i]!.text === ')' && --depth === 0) return i + 1
  }
  return name + 1
}
