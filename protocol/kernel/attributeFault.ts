import type { KernelRefusal } from './kernelProgram.ts'
import { refusalAt, type WgslToken } from './wgslText.ts'

/**
 * The first `@id`, `@group` or `@binding` whose number is more than digits, such as `@id(5u)` or `@group(0x1)`: the readers
 * of a program do not all take these for the same number.
 */
export function attributeFault(code: string, tokens: readonly WgslToken[]): KernelRefusal | null {
  for (const [i, { text, at }] of tokens.entries()) {
    if (tokens[i - 1]?.text !== '@' || !/^(?:id|group|binding)$/.test(text)) continue
    if (/^(?:0|[1-9]\d{0,8})$/.test(tokens[i + 2]?.text ?? '') && tokens[i + 3]?.text === ')') continue
    const rule = text === 'id' ? 'override' : 'binding'
    return refusalAt(code, at, rule, `@${text} needs a number of plain digits.`)
  }
  return null
}
