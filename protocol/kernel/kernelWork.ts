import type { Block, FunctionOutline, LoopOutline, ProgramOutline } from './programOutline.ts'

/** Built-in functions that take many steps. */
const DEAR =
  /^(?:exp2?|log2?|pow|a?(?:sin|cos|tan)h?|atan2|sqrt|inverseSqrt|normalize|length|distance|determinant|(?:un)?pack\w+|subgroup\w+|quad\w+|fma|mod|ldexp|frexp|reflect|refract)$/
const DEAR_WORK = 16
/** What makes invocations wait for each other, or for memory that they share: dear where they are emulated. */
const WAITING = /^(?:workgroupBarrier|storageBarrier|workgroupUniformLoad|atomic[A-Z]\w+)$/
const WAITING_WORK = 1024
/** An element of an array may be one of memory. */
const ELEMENT_WORK = 4

/** The work of an invocation, for a number of iterations that its loops may make. */
export type WorkOf = (iterations: number) => number

const isCounted = ({ trips }: LoopOutline): boolean => trips === null

/**
 * The most that one invocation can do, in the units of KernelLimits, as a function of the iterations that the loops which
 * are counted may make: those without a barrier so many in the whole invocation, those with one so many in each call of
 * their function (boundLoops.ts).
 */
export function workOf({ tokens, functions }: ProgramOutline, entryPoint: string): WorkOf {
  const price = ({ open, close }: Block): number[] => {
    const prices: number[] = []
    for (let i = open; i <= close; i++) {
      const { text } = tokens[i]!
      const isBuiltIn = tokens[i + 1]?.text === '(' && !functions.has(text)
      if (isBuiltIn && WAITING.test(text)) prices.push(WAITING_WORK)
      else if (isBuiltIn && DEAR.test(text)) prices.push(DEAR_WORK)
      else prices.push(text === '[' ? ELEMENT_WORK : 1)
    }
    return prices
  }
  const pricesOf = new Map([...functions].map(([name, of]) => [name, price(of)]))

  return (iterations) => {
    const known = new Map<string, number>()
    /** Work of one pass through a block: the loops that are counted left out, but for one look at their heads. */
    const direct = (of: FunctionOutline, { open, close }: Block): number => {
      const inner = of.loops.filter((loop) => loop.open > open && loop.close < close)
      const outermost = inner.filter((loop) => loop.parent === null || !inner.includes(loop.parent))
      let work = 0
      const prices = pricesOf.get(of.name)!
      for (let i = open; i <= close; i++) {
        const loop = outermost.find((each) => each.open === i)
        if (loop) {
          work += isCounted(loop) ? 0 : loop.trips! * direct(of, loop)
          i = loop.close
        } else work += prices[i - of.open]!
      }
      for (const { callee, token } of of.calls) {
        const here = open < token && token < close
        if (here && !outermost.some((loop) => loop.open < token && token < loop.close)) work += total(callee)
      }
      return work
    }
    const dearest = (of: FunctionOutline, waits: boolean): number =>
      Math.max(
        0,
        ...of.loops.filter((loop) => isCounted(loop) && loop.waits === waits).map((loop) => direct(of, loop)),
      )
    /** Work of one call, what loops without a barrier do left out. */
    const total = (name: string): number => {
      const before = known.get(name)
      if (before !== undefined) return before
      const of = functions.get(name)!
      const work = direct(of, of) + iterations * dearest(of, true)
      known.set(name, work)
      return work
    }
    const work = total(entryPoint)
    return work + iterations * Math.max(0, ...[...functions.values()].map((of) => dearest(of, false)))
  }
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
