import type { FunctionOutline, ProgramOutline } from './programOutline.ts'
import { arrayOf, type ProgramTypes, type WgslType, WIDE, WORD } from './programTypes.ts'

/** Values up to a vector of four words are as dear as one word. */
const PLAIN_BYTES = 16
/** Stands for what is not known, and stays a number when it is counted. */
const MOST_WORDS = 1e12
/** How often the module's constants are read at most, each time one further back. */
const MOST_PASSES = 8

/** A variable, or a value that is kept like one; in functions only what is more than a vector. */
export interface ProgramVariable {
  space: 'workgroup' | 'private' | 'function'
  /** Function that it stands in; null for the module. */
  of: string | null
  /** Index of its name. */
  token: number
  /** Infinity where its size is not known. */
  bytes: number
}

/** A variable that is read or written. */
export interface MemoryAccess {
  /** Of 32 bits, each as often as it is read and written: twice for `+=`. */
  words: number
  /** As it is declared; `function` in a function, `const` of a constant, empty behind a pointer and of a value without a name. */
  space: string
  /** Whether an element of it is meant, and whether only the run can tell which. */
  element: 'none' | 'known' | 'found'
}

export interface ProgramValues {
  /** Words that are set, read or written at a token, where these are more than a vector. */
  words: ReadonlyMap<number, number>
  /** Variables that functions read and write, by the tokens of their names. */
  accesses: ReadonlyMap<number, MemoryAccess>
  /** Words of what functions declare, by the tokens of the names; parameters among them, constants not. */
  locals: ReadonlyMap<number, number>
  /** By token: words of the largest value of its statement, as far as it is a number, a vector or a matrix. */
  widths: Uint8Array
  variables: readonly ProgramVariable[]
}

/** What a name stands for. */
interface Meaning {
  type: WgslType
  /** Whether it lies in memory: what does not is written there whole, to be indexed. */
  isVariable: boolean
  /** Address space; empty where none is told. */
  space: string
}

/** An expression around a name. */
interface Reach extends Meaning {
  from: number
  /** Index behind it. */
  end: number
  /** Words that are moved on the way. */
  moved: number
  /** Of all indices on the way, those behind a pointer included. */
  element: MemoryAccess['element']
}

/** What `.x` and `.xyxy` give of a vector; the vector's own type for the parts of what a built-in function gives. */
const partOf = (vector: WgslType, names: string): WgslType => {
  if (!vector.element || !/^(?:[xyzw]{1,4}|[rgba]{1,4})$/.test(names)) return vector
  return names.length === 1 ? vector.element : { ...vector, bytes: vector.element.bytes * names.length }
}
const pointerTo = (target: WgslType): WgslType => ({ ...WORD, bytes: 0, target })
const wordsOf = ({ bytes }: WgslType): number => (bytes > PLAIN_BYTES ? Math.min(bytes / 4, MOST_WORDS) : 0)
const isName = (text: string | undefined): boolean => text !== undefined && /^[A-Za-z_]/.test(text)
/** A matrix of 4 x 4. */
const MOST_WIDTH = 16
/** What reads a variable and writes it. */
const CHANGING = /^(?:[-+*/%&|^]=|<<=|>>=|\+\+|--)$/
/** Built-in functions that make a vector of a number. */
const WIDENING = /^(?:unpack\w+|subgroupBallot)$/
const KEYWORD = /^(?:if|while|for|switch|return|case|else|const_assert)$/

/** The variables of a program with their types, and how much memory it moves where. */
export function programValues(
  { tokens, functions }: ProgramOutline,
  closes: ReadonlyMap<number, number>,
  types: ProgramTypes,
): ProgramValues {
  const words = new Map<number, number>()
  const accesses = new Map<number, MemoryAccess>()
  const locals = new Map<number, number>()
  const widths = new Uint8Array(tokens.length).fill(1)
  const variables: ProgramVariable[] = []
  const scopes: Map<string, Meaning>[] = [new Map()]
  const text = (i: number): string => tokens[i]?.text ?? ''
  const meaningOf = (name: string): Meaning | undefined =>
    scopes.findLast((scope) => scope.has(name))?.get(name)
  const charge = (i: number, count: number): void => {
    if (count > 0) words.set(i, (words.get(i) ?? 0) + count)
  }

  /** What a name, a call or a constructor gives; null for what is none of these, or no more than a vector. */
  function begin(i: number): (Meaning & { end: number }) | null {
    const name = text(i)
    const meaning = meaningOf(name)
    if (meaning) return { ...meaning, end: i + 1 }
    const called = functions.get(name)
    const value = (type: WgslType, end: number) => ({ type, isVariable: false, space: '', end })
    if (called) {
      const type = called.returns ? types.at(called.returns[0])?.type : undefined
      return type && text(i + 1) === '(' ? value(type, behind(i + 1)) : null
    }
    if (name === 'workgroupUniformLoad' && text(i + 1) === '(') {
      const target = typeOf(i + 2, behind(i + 1) - 1).target
      return target && value(target, behind(i + 1))
    }
    const type = types.at(i)
    if (type && text(type.end) === '(') return value(countedOf(type.type, type.end), behind(type.end))
    if (name !== 'array' || text(i + 1) !== '(') return null
    const end = behind(i + 1)
    const comma = argumentEnd(i + 2, end - 1)
    return value(arrayOf(typeOf(i + 2, comma), argumentsOf(i + 1)), end)
  }

  /** Index behind a bracket that opens at `open`. */
  const behind = (open: number): number => (closes.get(open) ?? open) + 1
  function argumentEnd(from: number, to: number): number {
    let i = from
    while (i < to && text(i) !== ',') i = closes.has(i) ? behind(i) : i + 1
    return i
  }
  /** Arguments between brackets, one too many behind a last comma. */
  function argumentsOf(open: number): number {
    const end = behind(open) - 1
    let count = 1
    for (let i = argumentEnd(open + 1, end); i < end; i = argumentEnd(i + 1, end)) count++
    return count
  }
  /** An array whose count is not known has as many elements as it is given, if it is given any. */
  const countedOf = (type: WgslType, open: number): WgslType =>
    type.element && type.bytes === Infinity && behind(open) - open > 2
      ? arrayOf(type.element, argumentsOf(open))
      : type

  /** The whole of `(*p)[i].x` around its name. */
  function reach(i: number): Reach | null {
    const start = begin(i)
    if (!start) return null
    let { type, isVariable, space, end } = start
    let [from, moved] = [i, 0]
    let element: Reach['element'] = 'none'
    const follow = (pointer: WgslType): void => {
      if (!pointer.target) return
      isVariable = true
      element = 'found'
      space = ''
    }
    for (;;) {
      const before = text(from - 1)
      const member = type.target ?? type
      if (text(end) === '[' && member.element) {
        const isKnown = closes.get(end) === end + 2 && /^\d/.test(text(end + 1))
        if (!isVariable && !type.target && !isKnown) moved += wordsOf(type)
        follow(type)
        if (element !== 'found') element = isKnown ? 'known' : 'found'
        type = member.element
        end = behind(end)
      } else if (text(end) === '.' && (member.members || member.element)) {
        follow(type)
        type = member.members ? (member.members.get(text(end + 1)) ?? WORD) : partOf(member, text(end + 1))
        end += 2
      } else if (before === '*' && type.target) {
        follow(type)
        type = type.target
        from--
      } else if (before === '&' && isVariable && (wordsOf(type) > 0 || !isOperand(from - 2))) {
        type = pointerTo(type)
        isVariable = false
        from--
      } else if (before === '(' && text(end) === ')' && !isCall(from - 1)) {
        from--
        end++
      } else return { type, isVariable, space, from, end, moved, element }
    }
  }
  /** What an expression reads and writes of a variable; null where it is none. */
  function movesOf({ type, isVariable, space, end, element }: Reach): MemoryAccess | null {
    const times = CHANGING.test(text(end)) ? 2 : 1
    const words = Math.min(Math.ceil(type.bytes / 4), MOST_WORDS) * times
    return isVariable || element === 'found' ? { words, space, element } : null
  }
  /** Whether what ends here may be the left side of an operator. */
  const isOperand = (i: number): boolean => /^[\w)\]]/.test(text(i)) && !KEYWORD.test(text(i))
  const isCall = (open: number): boolean =>
    text(open - 1) === '>' || (isName(text(open - 1)) && !KEYWORD.test(text(open - 1)))

  /** The type of an expression; where operators make it, that of the largest of their operands. */
  function typeOf(from: number, to: number): WgslType {
    let most = WORD
    for (let i = from; i < to; i++) {
      if (!isName(text(i)) || text(i - 1) === '.') continue
      if (WIDENING.test(text(i)) && most.bytes < WIDE.bytes) most = WIDE
      const found = reach(i)
      if (!found) continue
      if (found.from <= from && found.end >= to) return found.type
      if (found.type.bytes > most.bytes) most = found.type
      i = Math.max(i, found.end - 1)
    }
    return most
  }

  /** A declaration at `let`, `var`, `const` or `override`: its name, what that means and where its statement ends. */
  function declarationAt(i: number): { name: number; meaning: Meaning; space: string; end: number } {
    const hasSpace = text(i + 1) === '<'
    let name = i + 1
    if (hasSpace) while (name < tokens.length && text(name - 1) !== '>') name++
    let end = name
    while (end < tokens.length && text(end) !== ';') end++
    const type =
      text(name + 1) === ':'
        ? (types.at(name + 2)?.type ?? WORD)
        : text(name + 1) === '='
          ? typeOf(name + 2, end)
          : WORD
    const space = hasSpace ? text(i + 2) : text(i) === 'const' ? 'const' : ''
    return { name, meaning: { type, isVariable: text(i) === 'var', space }, space, end }
  }

  function readModule(): void {
    const declarations: number[] = []
    for (let i = 0; i < tokens.length; i++) {
      if (text(i) === '{') i = closes.get(i)!
      else if (/^(?:var|const|override)$/.test(text(i))) declarations.push(i)
    }
    // A constant may be made of one that is declared behind it.
    let isMore = true
    for (let pass = 0; isMore; pass++) {
      isMore = false
      for (const i of declarations) {
        const { name, meaning, space } = declarationAt(i)
        const before = scopes[0]!.get(text(name))
        if (pass === 0 && (space === 'workgroup' || space === 'private'))
          variables.push({ space, of: null, token: name, bytes: meaning.type.bytes })
        if (before?.type.bytes === meaning.type.bytes) continue
        if (pass === MOST_PASSES) meaning.type = { ...meaning.type, bytes: Infinity }
        else isMore = true
        scopes[0]!.set(text(name), meaning)
      }
    }
    // Compilers write a constant that is indexed to memory of every invocation.
    for (const i of declarations) {
      const { name, meaning } = declarationAt(i)
      if (text(i) === 'const' && wordsOf(meaning.type) > 0)
        variables.push({ space: 'private', of: null, token: name, bytes: meaning.type.bytes })
    }
  }

  function readFunction({ name: of, token, open, close, loops }: FunctionOutline): void {
    const parameters = new Map<string, Meaning>()
    // Single numbers and vectors lie in registers.
    const keep = (at: number, { type, space }: Meaning): void => {
      if (space !== 'const') locals.set(at, Math.min(Math.ceil(type.bytes / 4), MOST_WORDS))
      if (wordsOf(type) > 0) variables.push({ space: 'function', of, token: at, bytes: type.bytes })
    }
    for (let i = token + 2; i < closes.get(token + 1)!; i++) {
      if (text(i + 1) !== ':' || !isName(text(i))) continue
      const meaning = { type: types.at(i + 2)?.type ?? WORD, isVariable: false, space: '' }
      parameters.set(text(i), meaning)
      keep(i, meaning)
    }
    scopes.push(parameters)
    const heads = new Map(loops.map((loop) => [loop.keyword, loop]))
    const ends = new Set<number>()
    let declared: { name: number; meaning: Meaning; end: number } | null = null
    let [statement, width] = [open, 1]
    for (let i = open; i <= close; i++) {
      if (/^[;{}]$/.test(text(i))) {
        widths.fill(width, statement, i)
        statement = i
        width = 1
      }
      if (declared?.end === i) {
        scopes.at(-1)!.set(text(declared.name), declared.meaning)
        declared = null
      }
      // A `for` is a scope of its own around that of its body.
      const loop = heads.get(i)
      if (loop) {
        scopes.push(new Map())
        ends.add(loop.close)
      }
      if (text(i) === '{') scopes.push(new Map())
      else if (text(i) === '}') {
        scopes.pop()
        if (ends.has(i)) scopes.pop()
      } else if (/^(?:let|var|const)$/.test(text(i))) {
        declared = declarationAt(i)
        declared.meaning.space ||= 'function'
        keep(declared.name, declared.meaning)
        if (text(i) === 'var') charge(i, wordsOf(declared.meaning.type))
        i = declared.name
      } else if (isName(text(i)) && text(i - 1) !== '.') {
        const found = reach(i)
        if (!found) {
          if (WIDENING.test(text(i))) width = Math.max(width, 4)
          continue
        }
        width = Math.max(width, Math.min(Math.ceil(found.type.bytes / 4), MOST_WIDTH))
        charge(i, found.moved + wordsOf(found.type))
        const moves = movesOf(found)
        if (moves) accesses.set(i, moves)
        // A value without a name is written to memory of its own to be indexed.
        if (found.moved > 0 && !meaningOf(text(i)))
          variables.push({ space: 'function', of, token: i, bytes: found.moved * 4 })
      }
    }
    scopes.pop()
  }

  readModule()
  for (const of of functions.values()) readFunction(of)
  return { words, accesses, locals, widths, variables }
}
