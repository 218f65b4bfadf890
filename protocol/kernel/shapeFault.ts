import { type KernelRefusal, MAX_CASES, MAX_LOOPS } from './kernelProgram.ts'
import { refusalAt, type WgslToken } from './wgslText.ts'

const ATTRIBUTES = new Set(
  'align binding blend_src builtin compute const diagnostic fragment group id interpolate invariant location must_use size vertex workgroup_size'.split(
    ' ',
  ),
)
const DECLARATIONS = new Set(
  'alias const const_assert diagnostic enable fn override requires struct var ; @'.split(' '),
)
const KEYWORDS = new Set(
  'alias break case const const_assert continue continuing default diagnostic discard else enable false fn for if let loop override requires return struct switch true var while'.split(
    ' ',
  ),
)
/** What the gate takes at its word: in WGSL a program may give these names to something else. */
const BUILT_IN = /^(?:[ui]32|f32|f16|bool|min|max|array|atomic|ptr|vec[234][iufh]?|mat[234]x[234][fh]?)$/
const NAME = /^[A-Za-z_]\w*$/
const isName = (text: string | undefined): boolean =>
  text !== undefined && NAME.test(text) && !KEYWORDS.has(text)

/**
 * What is plainly wrong with the shape of a program, at its place: wgsl_reflect (1.6.0) passes over some of it and trips
 * over the rest only lines later. Brackets need not match here.
 */
export function shapeFault(code: string, tokens: readonly WgslToken[]): KernelRefusal | null {
  const fault = (index: number, message: string): KernelRefusal =>
    refusalAt(code, tokens[Math.min(index, tokens.length - 1)]!.at, 'syntax', message)
  let depth = 0
  let [loops, cases] = [0, 0]
  let declaration: string | null = null
  for (let i = 0; i < tokens.length; i++) {
    const { text, at } = tokens[i]!
    const next = tokens[i + 1]?.text
    if (/^["'`#$?\\]$/.test(text)) return fault(i, `\`${text}\` is no part of WGSL.`)
    if (/^\.?\d/.test(text) && /\w/.test(code[at + text.length] ?? ' '))
      return fault(i, 'This number does not end as a number of WGSL does.')
    if (text === '@' && !ATTRIBUTES.has(next ?? '')) return fault(i, `There is no attribute @${next}.`)
    if (text === 'else' && (tokens[i - 1]?.text !== '}' || (next !== '{' && next !== 'if')))
      return fault(i, 'This `else` does not stand between two blocks.')
    if (BUILT_IN.test(next ?? '') && (text === 'fn' || text === 'alias' || text === 'struct'))
      return fault(i + 1, `${next} is a name of the language.`)
    if ((text === 'for' || text === 'while' || text === 'loop') && ++loops > MAX_LOOPS)
      return refusalAt(code, at, 'size', `The program has more than ${MAX_LOOPS} loops.`)
    if (text === 'case' && ++cases > MAX_CASES)
      return refusalAt(code, at, 'size', `The program has more than ${MAX_CASES} of \`case\`.`)
    if (depth === 0 && declaration === null) {
      if (!DECLARATIONS.has(text)) return fault(i, `No declaration begins with \`${text}\`.`)
      if (text === '@') i = behindAttribute(tokens, i) - 1
      else if (text !== ';') declaration = text
      continue
    }
    if (text === '{') {
      depth++
      if (declaration === 'struct' && depth === 1) {
        const member = memberFault(tokens, i + 1)
        if (member !== null) return fault(member, 'This is no member of a struct.')
      }
    } else if (text === '}') {
      depth = Math.max(0, depth - 1)
      if (depth === 0 && (declaration === 'fn' || declaration === 'struct')) declaration = null
    } else if (text === ';' && depth === 0) declaration = null
  }
  return null
}

/** Index behind `@name` or `@name(...)`. */
function behindAttribute(tokens: readonly WgslToken[], at: number): number {
  if (tokens[at + 2]?.text !== '(') return at + 2
  let depth = 0
  for (let i = at + 2; i < tokens.length; i++) {
    if (tokens[i]!.text === '(') depth++
    else if (tokens[i]!.text === ')' && --depth === 0) return i + 1
  }
  return tokens.length
}

/** Index where the members of a struct stop to be members; null where they end as they should. */
function memberFault(tokens: readonly WgslToken[], from: number): number | null {
  let i = from
  while (i < tokens.length && tokens[i]!.text !== '}') {
    while (tokens[i]?.text === '@') i = behindAttribute(tokens, i)
    if (!isName(tokens[i]?.text) || tokens[i + 1]?.text !== ':' || !isName(tokens[i + 2]?.text)) return i
    let depth = 0
    for (i += 3; i < tokens.length; i++) {
      const { text } = tokens[i]!
      if (text === '<' || text === '(') depth++
      else if (text === '>' || text === ')') depth--
      else if (depth <= 0) break
    }
    if (tokens[i]?.text === ',') i++
    else if (tokens[i]?.text !== '}') return i
  }
  return null
}
