import { productOf, type WorkgroupSize } from './kernelFaults.ts'
import type { FunctionOutline, LoopOutline, ProgramOutline } from './programOutline.ts'
import type { ProgramValues, ProgramVariable } from './programValues.ts'

/** Built-in functions that take many steps. */
const DEAR =
  /^(?:exp2?|log2?|pow|a?(?:sin|cos|tan)h?|atan2|sqrt|inverseSqrt|normalize|length|distance|determinant|(?:un)?pack\w+|subgroup\w+|quad\w+|fma|mod|ldexp|frexp|reflect|refract|count(?:Leading|Trailing)Zeros|first(?:Leading|Trailing)Bit)$/
const DEAR_WORK = 16
/** What makes invocations wait for each other, or for memory that they share: dear where they are emulated. */
const WAITING = /^(?:workgroupBarrier|storageBarrier|workgroupUniformLoad|atomic[A-Z]\w+)$/
const WAITING_WORK = 1024
/** An element of an array may be one of memory. */
const ELEMENT_WORK = 4
/** Quotients and rests of vectors are as many single ones, each with a look at what it is divided by. */
const DIVIDING = /^[/%]=?$/
const DIVIDING_WORK = 8

/** The work of an invocation, for a number of iterations that its loops may make. */
export type WorkOf = (iterations: number) => number

/**
 * The most that one invocation can do, in the units of KernelLimits, as a function of the iterations that the loops which
 * are counted may make: those with a barrier so many in each call of their function; the others each of them in each call
 * where they count apart, else all together in the whole invocation (boundLoops.ts).
 */
export function workOf(
  outline: ProgramOutline,
  { words, variables }: ProgramValues,
  entryPoint: string,
  workgroupSize: WorkgroupSize,
): WorkOf {
  const functions = new Map(
    [...outline.functions].map(
      ([name, of]) => [name, { ...piecesOf(outline, of, words), apart: of.apart }] as const,
    ),
  )
  const wordsIn = (space: ProgramVariable['space']): number =>
    variables.reduce((sum, each) => (each.space === space ? sum + each.bytes / 4 : sum), 0)
  // Memory is zeros at first: a workgroup's invocations share the work for theirs.
  const zeroing = wordsIn('private') + Math.ceil(wordsIn('workgroup') / productOf(workgroupSize))
  return (iterations) => {
    const known = new Map<string, number>()
    const workIn = ({ work, calls }: Piece): number => {
      let sum = work
      for (const [callee, times] of calls) sum += times * total(callee)
      return sum
    }
    const dearest = (pieces: readonly Piece[]): number => Math.max(0, ...pieces.map(workIn))
    /** Work of one call, what loops do left out that share the count of the invocation. */
    const total = (name: string): number => {
      const before = known.get(name)
      if (before !== undefined) return before
      const { body, waiting, free, apart } = functions.get(name)!
      const each = apart ? free.reduce((sum, piece) => sum + workIn(piece), 0) : 0
      const work = workIn(body) + iterations * (dearest(waiting) + each)
      known.set(name, work)
      return work
    }
    const shared = [...functions.values()].flatMap(({ free, apart }) => (apart ? [] : free))
    return zeroing + total(entryPoint) + iterations * dearest(shared)
  }
}

/** One pass through a block: its own work, that of loops with known trips included, and how often it calls what. */
interface Piece {
  work: number
  calls: Map<string, number>
}

/** A function's body, and the bodies of its counted loops: those with barriers and those without. */
interface Pieces {
  body: Piece
  waiting: Piece[]
  free: Piece[]
}

function piecesOf(
  { tokens, functions }: ProgramOutline,
  of: FunctionOutline,
  words: ProgramValues['words'],
): Pieces {
  const inner = Map.groupBy(of.loops, ({ parent }) => parent)
  const callees = new Map(of.calls.map(({ token, callee }) => [token, callee]))
  const pieces: Pieces = { body: { work: 0, calls: new Map() }, waiting: [], free: [] }
  const price = (i: number): number => {
    const { text } = tokens[i]!
    const isBuiltIn = tokens[i + 1]?.text === '(' && !functions.has(text)
    if (isBuiltIn && WAITING.test(text)) return WAITING_WORK
    if (isBuiltIn && DEAR.test(text)) return DEAR_WORK
    if (DIVIDING.test(text)) return DIVIDING_WORK
    return text === '[' ? ELEMENT_WORK : 1
  }
  const add = (piece: Piece, callee: string, times: number): void => {
    piece.calls.set(callee, (piece.calls.get(callee) ?? 0) + times)
  }
  const append = (piece: Piece, { work, calls }: Piece, times: number): void => {
    piece.work += times * work
    for (const [callee, each] of calls) add(piece, callee, times * each)
  }
  /** Tokens `from` to `to`; loops among them that stand right in `loop`. */
  const read = (from: number, to: number, loop: LoopOutline | null): Piece => {
    const piece: Piece = { work: 0, calls: new Map() }
    const loops = new Map(inner.get(loop)?.map((each) => [each.keyword, each]))
    for (let i = from; i <= to; i++) {
      const within = loops.get(i)
      if (within) {
        // Its condition is met once more than its body; what a `for` begins with once in all.
        append(piece, read(within.keyword, within.open - 1, within), 1)
        const part = read(firstOfEach(tokens, within), within.close, within)
        if (within.trips === null) pieces[within.waits ? 'waiting' : 'free'].push(part)
        else append(piece, part, within.trips)
        i = within.close
        continue
      }
      piece.work += price(i) + (words.get(i) ?? 0)
      const callee = callees.get(i)
      if (callee !== undefined) add(piece, callee, 1)
    }
    return piece
  }
  pieces.body = read(of.open, of.close, null)
  return pieces
}

/** Where the tokens of a loop begin that run in every iteration: a `for` begins only once. */
function firstOfEach(tokens: ProgramOutline['tokens'], { keyword, open }: LoopOutline): number {
  if (tokens[keyword]!.text !== 'for') return keyword
  for (let i = keyword; i < open; i++) if (tokens[i]!.text === ';') return i + 1
  return keyword
}

/** Tokens of the entry point with every call written out, each loop once. */
export function expandedTokens({ functions }: ProgramOutline, entryPoint: string): number {
  const known = new Map<string, number>()
  const count = (name: string): number => {
    const before = known.get(name)
    if (before !== undefined) return before
    const { open, close, calls } = functions.get(name)!
    const tokens = calls.reduce((sum, { callee }) => sum + count(callee), close - open + 1)
    known.set(name, tokens)
    return tokens
  }
  return count(entryPoint)
}
