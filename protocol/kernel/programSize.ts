import {
  type KernelRefusal,
  MAX_FUNCTIONS,
  MAX_NAME_CHARACTERS,
  MAX_NUMBER_CHARACTERS,
  MAX_TOKENS,
} from './kernelProgram.ts'
import { refusalAt, type WgslToken } from './wgslText.ts'

/** Types that are made of each other, one in the next, and tokens of all of them with each name written out. */
const MAX_TYPE_DEPTH = 16
const MAX_TYPE_TOKENS = 8_192

/**
 * What would take a reader of programs long, by its tokens alone: wgsl_reflect (1.6.0) writes out every type that a type is
 * made of, follows functions in the square of their count and reads a number in the square of its digits. Brackets need not
 * match here.
 */
export function sizeFault(code: string, tokens: readonly WgslToken[]): KernelRefusal | null {
  const long = tokens.find(
    ({ text }) => text.length > (/^[.\d]/.test(text) ? MAX_NUMBER_CHARACTERS : MAX_NAME_CHARACTERS),
  )
  if (long) {
    const message = `A name or number has ${long.text.length} characters.`
    return refusalAt(code, long.at, 'size', message)
  }
  if (tokens.length > MAX_TOKENS) {
    const message = `The program has ${tokens.length} tokens; ${MAX_TOKENS} are allowed.`
    return refusalAt(code, tokens[MAX_TOKENS]!.at, 'size', message)
  }
  let functions = 0
  for (const { text, at } of tokens)
    if (text === 'fn' && ++functions > MAX_FUNCTIONS)
      return refusalAt(code, at, 'size', `The program has more than ${MAX_FUNCTIONS} functions.`)
  return null
}

/** A declared type: tokens `from` to `to`, the first one its name. */
interface DeclaredType {
  from: number
  to: number
  /** Of it and what it is made of, each as often as it is used. */
  tokens: number
  depth: number
}

/**
 * Types that are made of so many others that a reader that writes them all out takes long. Every struct must end with its
 * `}` (shapeFault.ts).
 */
export function typeFault(code: string, tokens: readonly WgslToken[]): KernelRefusal | null {
  const types = new Map<string, DeclaredType>()
  for (const type of declaredTypes(tokens)) {
    const { text, at } = tokens[type.from]!
    if (types.has(text)) return refusalAt(code, at, 'syntax', `There are two types ${text}.`)
    types.set(text, type)
  }
  const open = new Set<string>()
  let sum = 0
  /** Reads a type and those that it names; a refusal where that cannot be done. */
  const read = (name: string, of: DeclaredType): KernelRefusal | null => {
    const refuse = (message: string): KernelRefusal =>
      refusalAt(code, tokens[of.from]!.at, 'nesting', message)
    if (of.depth > 0) return null
    if (open.has(name)) return refuse(`The type ${name} is made of itself.`)
    if (open.size >= MAX_TYPE_DEPTH)
      return refuse(`Types are made of each other more than ${MAX_TYPE_DEPTH} deep.`)
    open.add(name)
    let [size, deepest] = [of.to - of.from, 0]
    for (let i = of.from + 1; i < of.to; i++) {
      const part = types.get(tokens[i]!.text)
      // A member may have the name of a type.
      if (part === undefined || tokens[i + 1]?.text === ':') continue
      const fault = read(tokens[i]!.text, part)
      if (fault) return fault
      size += part.tokens
      deepest = Math.max(deepest, part.depth)
    }
    open.delete(name)
    of.tokens = size
    of.depth = deepest + 1
    sum += size
    if (of.depth > MAX_TYPE_DEPTH)
      return refuse(`Types are made of each other more than ${MAX_TYPE_DEPTH} deep.`)
    return sum > MAX_TYPE_TOKENS
      ? refuse(`With what they are made of, the types have more than ${MAX_TYPE_TOKENS} tokens.`)
      : null
  }
  for (const [name, of] of types) {
    const fault = read(name, of)
    if (fault) return fault
  }
  return null
}

/** `struct` and `alias` are keywords: each of them declares a type. */
function declaredTypes(tokens: readonly WgslToken[]): DeclaredType[] {
  const types: DeclaredType[] = []
  for (let i = 0; i < tokens.length - 1; i++) {
    const end = tokens[i]!.text === 'struct' ? '}' : tokens[i]!.text === 'alias' ? ';' : null
    if (end === null) continue
    const from = i + 1
    while (i < tokens.length && tokens[i]!.text !== end) i++
    types.push({ from, to: i, tokens: 0, depth: 0 })
  }
  return types
}
