import { builtInPrice, keepingPrice, price } from './compilePrices.ts'
import type { At, Fault } from './kernelFaults.ts'
import { MAX_COMPILE_MS } from './kernelProgram.ts'
import { liveWords } from './liveValues.ts'
import type { FunctionOutline, ProgramOutline } from './programOutline.ts'
import type { MemoryAccess, ProgramValues } from './programValues.ts'

/** What makes whole numbers, maybe of floats: each is held to what fits. */
const CONVERSION = /^(?:[ui]32|vec[234][iu]?)$/
const WHOLE_NUMBER = /^[ui]32$/
const NAME = /^[A-Za-z_]/
const KEYWORD = /^(?:if|switch|while|for|return)$/
/** A larger value that is made is made word by word. */
const MOST_MADE_AT_ONCE = 16

/** What one function or variable of the module takes to compile, wherever it is used. */
export interface CompilePart {
  /** Index of its name. */
  token: number
  microseconds: number
}

/**
 * What a compiler that writes out every call takes for the entry point and what it calls, as measured on the software
 * adapter: the tokens of each function, as often as it is called.
 * @param outline of a program without recursion
 */
export function compileParts(
  outline: ProgramOutline,
  values: ProgramValues,
  entryPoint: string,
): CompilePart[] {
  const aliases = new Set(
    outline.tokens.flatMap(({ text }, i) => (outline.tokens[i - 1]?.text === 'alias' ? [text] : [])),
  )
  const times = new Map([[entryPoint, 1]])
  const order = callersFirst(outline, entryPoint)
  const keeping = keepingTimes(outline, values, order)
  const parts: CompilePart[] = order.map((of) => {
    const called = times.get(of.name)!
    for (const { callee } of of.calls) times.set(callee, (times.get(callee) ?? 0) + called)
    const own = timeOf(outline, values, aliases, of) + keeping.times.get(of.name)!
    return { token: of.token, microseconds: called * own }
  })
  const inMemory = new Set(
    [...values.accesses].flatMap(([i, { space, element }]) =>
      space === 'private' && element === 'found' ? [outline.tokens[i]!.text] : [],
    ),
  )
  const isKept = (token: number): boolean =>
    outline.tokens[token - 1]!.text !== 'const' && !inMemory.has(outline.tokens[token]!.text)
  for (const { space, token, bytes } of values.variables) {
    if (space === 'function') continue
    const overAll = space === 'private' && isKept(token) ? keeping.over.get(entryPoint)! : 0
    parts.push({ token, microseconds: (bytes / 4) * (price[space] + overAll) })
  }
  return parts
}

/** A function and those that it reaches, each behind all that call it. */
function callersFirst({ functions }: ProgramOutline, entryPoint: string): FunctionOutline[] {
  const seen = new Set<string>()
  const calleesFirst: FunctionOutline[] = []
  const visit = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    const of = functions.get(name)!
    for (const { callee } of of.calls) visit(callee)
    calleesFirst.push(of)
  }
  visit(entryPoint)
  return calleesFirst.reverse()
}

/** By function. */
interface KeepingTimes {
  /** Time that it takes for what it keeps over loops, branches and memory, those of what it calls among them. */
  times: ReadonlyMap<string, number>
  /** Time for each word that is kept over one call of it. */
  over: ReadonlyMap<string, number>
}

/** A word that is kept over a loop takes its time there too, and variables of the module are kept over all. */
function keepingTimes(
  { tokens, functions }: ProgramOutline,
  values: ProgramValues,
  callersFirst: readonly FunctionOutline[],
): KeepingTimes {
  const times = new Map<string, number>()
  const over = new Map<string, number>()
  for (const of of callersFirst.toReversed()) {
    const live = liveWords({ tokens, functions }, values, of)
    const trips = new Map(of.loops.map((loop) => [loop.keyword, loop.trips]))
    const callees = new Map(of.calls.map(({ token, callee }) => [token, callee]))
    let [time, each] = [0, 0]
    for (let i = of.open; i <= of.close; i++) {
      const callee = callees.get(i)
      const word = callee === undefined ? keepingOf(i, trips.get(i)) : over.get(callee)!
      time += word * live[i - of.open]!
      each += word
    }
    times.set(of.name, time)
    over.set(of.name, each)
  }
  return { times, over }

  function keepingOf(i: number, trips: number | null | undefined): number {
    if (trips !== undefined) return trips === null ? keepingPrice.countedLoop : keepingPrice.knownLoop
    const { text } = tokens[i]!
    if (/^(?:if|case|default|&&|\|\|)$/.test(text)) return keepingPrice.branch
    const access = values.accesses.get(i)
    return access?.element === 'found' ? keepingPrice.element * access.words : 0
  }
}

/** Time of one function's own tokens. */
function timeOf(
  { tokens, functions }: ProgramOutline,
  values: ProgramValues,
  aliases: ReadonlySet<string>,
  of: FunctionOutline,
): number {
  const trips = new Map(of.loops.map((loop) => [loop.keyword, loop.trips]))
  const text = (i: number): string => tokens[i]?.text ?? ''
  const isBuiltIn = (i: number): boolean =>
    text(i + 1) === '(' && NAME.test(text(i)) && !KEYWORD.test(text(i)) && !functions.has(text(i))
  let time = 0
  for (let i = of.open; i <= of.close; i++) {
    const loop = trips.get(i)
    const width = values.widths[i]!
    time += price.token
    if (loop !== undefined) time += loop === null ? price.countedLoop : price.knownLoop
    const access = values.accesses.get(i)
    time += accessTime(access) + (values.words.get(i) ?? 0) * wordPrice(i, access)
    time += isBuiltIn(i) ? builtInTime(i, width) : signTime(i, width)
  }
  return time

  /** For each word of a value larger than a vector. */
  function wordPrice(i: number, access: MemoryAccess | undefined): number {
    // A table is there once, whatever is looked up.
    if (access?.space === 'const') return 0
    if (text(i) === 'var') return price.zeroed
    // A value is written to memory to be indexed.
    if (access?.element === 'found') return price.made
    const isMade = text(i) === 'array' || isBuiltIn(i)
    return isMade && values.words.get(i)! > MOST_MADE_AT_ONCE ? price.made : price.moved
  }

  function builtInTime(i: number, width: number): number {
    const name = text(i)
    // What has several arguments converts none, and a number is converted once and for all.
    if (CONVERSION.test(name)) return isSingle(i + 1) ? price.conversion * widthOf(name) : 0
    if (aliases.has(name)) return isSingle(i + 1) ? price.conversion * 4 : 0
    return builtInPrice(name, Math.min(width, 4))
  }

  function isSingle(open: number): boolean {
    let depth = 0
    for (let i = open; i <= of.close; i++) {
      if (/^[([]$/.test(text(i))) depth++
      else if (/^[)\]]$/.test(text(i)) && --depth === 0)
        return i !== open + 1 && !(i === open + 2 && /^\d/.test(text(open + 1)))
      else if (text(i) === ',' && depth === 1) return false
    }
    return false
  }

  function signTime(i: number, width: number): number {
    switch (text(i)) {
      case 'case':
        return price.branch + price.selector * selectorsOf(i)
      case 'if':
      case 'default':
        return price.branch
      case '&&':
      case '||':
        return price.shortCircuit
      case 'return':
        return isLast(i) ? 0 : price.earlyReturn
      case '/':
      case '%':
      case '/=':
      case '%=':
        return price.quotient * Math.min(width, 4)
      case '*':
      case '*=':
        return width > 4 ? price.product * width : 0
      case '<':
        // `vec4<u32>(`
        return WHOLE_NUMBER.test(text(i + 1)) && text(i + 3) === '(' && isSingle(i + 3)
          ? price.conversion * widthOf(text(i - 1))
          : 0
      case '<<':
      case '<<=':
      case '>>=':
        return price.shift * Math.min(width, 4)
      case '>':
        return text(i + 1) === '>' ? price.shift * Math.min(width, 4) : 0
      default:
        return 0
    }
  }

  function selectorsOf(i: number): number {
    let count = 0
    for (let at = i; at < of.close && text(at) !== ':' && text(at) !== '{'; at++)
      if (text(at) === ',') count++
    return count
  }

  function isLast(i: number): boolean {
    let end = i
    while (end < of.close && text(end) !== ';') end++
    return end + 1 === of.close
  }
}

const widthOf = (name: string): number => Number(/^vec([234])/.exec(name)?.[1] ?? 1)

function accessTime(access: MemoryAccess | undefined): number {
  if (!access) return 0
  const { words, space, element } = access
  const isShared = space === 'storage' || space === 'workgroup'
  if (element === 'found' || (isShared && element === 'known')) return price.element * words
  if (isShared) return price.shared * words
  return space === 'uniform' ? price.uniform * words : 0
}

/** Why a program takes too long to compile, at the part that takes longest; null where it does not. */
export function compileFault(
  outline: ProgramOutline,
  values: ProgramValues,
  entryPoint: string,
  at: At,
): Fault | null {
  const parts = compileParts(outline, values, entryPoint)
  const microseconds = parts.reduce((sum, part) => sum + part.microseconds, 0)
  if (microseconds <= MAX_COMPILE_MS * 1000) return null
  const most = parts.reduce((one, other) => (other.microseconds > one.microseconds ? other : one))
  const { text, at: place } = outline.tokens[most.token]!
  const msOf = (time: number): number => Math.ceil(time / 1000)
  return at(
    place,
    'compile',
    `Compiling it may take ${msOf(microseconds)} ms, ${msOf(most.microseconds)} of them for ${text}; ${MAX_COMPILE_MS} are allowed.`,
  )
}
