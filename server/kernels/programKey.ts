import { hash } from 'node:crypto'
import { tokensOf, withoutComments } from '../../protocol/kernel/wgslText.ts'

/** Words before the name that they declare. */
const declaring = new Set(['fn', 'struct', 'alias', 'let', 'const', 'override', 'var'])
/** Parts of a vector, which are no names of the program. */
const SWIZZLE = /^(?:[xyzw]{1,4}|[rgba]{1,4})$/
const NAME = /^[A-Za-z_]/

/**
 * What quarantine knows a program by: its tokens, where each name that the program declares is a number, in the order in
 * which they appear. White space, comments and other names do not make it another program; changed code does, so that
 * two kernels of different work never share a key.
 * @param program a text that the gate let through
 */
export function programKey(program: string): string {
  const read = withoutComments(program)
  const tokens = 'code' in read ? tokensOf(read.code).map(({ text }) => text) : [program]
  const declared = declaredIn(tokens)
  const numbers = new Map<string, number>()
  const words = tokens.map((text, i) => {
    if (!declared.has(text) || (tokens[i - 1] === '.' && SWIZZLE.test(text))) return text
    const number = numbers.get(text) ?? numbers.size
    numbers.set(text, number)
    return `#${number}`
  })
  return hash('sha256', words.join(' '), 'hex')
}

function declaredIn(tokens: readonly string[]): ReadonlySet<string> {
  const declared = new Set<string>()
  for (const [i, text] of tokens.entries()) {
    // Parameters, members and whatever else has a type.
    if (NAME.test(text) && tokens[i + 1] === ':') declared.add(text)
    if (!declaring.has(text)) continue
    // `var<storage, read> name`
    const at = tokens[i + 1] === '<' ? tokens.indexOf('>', i) + 1 : i + 1
    if (NAME.test(tokens[at] ?? '')) declared.add(tokens[at]!)
  }
  // Those are words of the language where a `switch` has them.
  declared.delete('default')
  declared.delete('case')
  return declared
}
