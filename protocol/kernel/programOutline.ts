import { type ConstantNamed, constantOf } from './constantExpression.ts'
import type { KernelRefusal } from './kernelProgram.ts'
import { loopTrips } from './loopTrips.ts'
import { refusalAt, type WgslToken } from './wgslText.ts'

/** What begins and ends at indices into the program's tokens: `{` and `}`. */
export interface Block {
  open: number
  close: number
}

export interface LoopOutline extends Block {
  /** Index of `for`, `while` or `loop`. */
  keyword: number
  /** How often its body runs at most; null where that is not known before the program runs. */
  trips: number | null
  /** The loop right around it in the same function; null where there is none. */
  parent: LoopOutline | null
  /** Whether all invocations of a workgroup must run it alike, because something in it waits for all of them. */
  waits: boolean
}

export interface CallOutline {
  callee: string
  /** Index of the callee's name. */
  token: number
}

export interface FunctionOutline extends Block {
  name: string
  /** Index of its name. */
  token: number
  /** Indices of the first and one past the last token of the return type; null where it returns nothing. */
  returns: [from: number, to: number] | null
  /** In the order of their keywords: outer ones before inner ones. */
  loops: LoopOutline[]
  calls: CallOutline[]
  /** Whether something in it, or in what it calls, waits for all invocations of a workgroup. */
  waits: boolean
  /**
   * Whether what comes out of it may say which barriers are met: its loops without a barrier count each by itself then, in
   * variables of each call, which are the same in all invocations where its arguments are.
   */
  apart: boolean
}

export interface ProgramOutline {
  tokens: readonly WgslToken[]
  functions: ReadonlyMap<string, FunctionOutline>
}

/** What only works when all invocations of a workgroup, or a subgroup, are there. */
const WAITS = /^(?:workgroupBarrier|storageBarrier|textureBarrier|workgroupUniformLoad|subgroup\w+|quad\w+)$/
const LOOPS = new Set(['for', 'while', 'loop'])

/**
 * Functions, loops and calls of a program. `for`, `while` and `loop` are keywords, so each of them is a loop, and each loop
 * one of them.
 * @param closes where brackets close
 * @param constantNamed constants and overrides of the module
 */
export function outlineOf(
  code: string,
  tokens: readonly WgslToken[],
  closes: ReadonlyMap<number, number>,
  constantNamed: ConstantNamed,
): ProgramOutline | { refusal: KernelRefusal } {
  const functions = new Map<string, FunctionOutline>()
  const heads: { token: number; open: number; returns: FunctionOutline['returns'] }[] = []
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i]!.text === '{') i = closes.get(i)!
    else if (tokens[i]!.text === 'fn') {
      const head = headOf(tokens, closes, i)
      if (head === null)
        return { refusal: refusalAt(code, tokens[i]!.at, 'syntax', 'This function has no body.') }
      heads.push(head)
      i = closes.get(head.open)!
    } else if (LOOPS.has(tokens[i]!.text))
      return { refusal: refusalAt(code, tokens[i]!.at, 'syntax', 'A loop stands outside of functions.') }
  }
  const names = new Set(heads.map(({ token }) => tokens[token]!.text))
  for (const { token, open, returns } of heads) {
    const name = tokens[token]!.text
    if (functions.has(name))
      return { refusal: refusalAt(code, tokens[token]!.at, 'syntax', `There are two functions ${name}.`) }
    const close = closes.get(open)!
    const local = localNames(tokens, token, close)
    const loops: LoopOutline[] = []
    const calls: CallOutline[] = []
    for (let i = open + 1; i < close; i++) {
      const { text, at } = tokens[i]!
      if (text === 'fn')
        return { refusal: refusalAt(code, at, 'syntax', 'A function stands in another one.') }
      if (names.has(text) && tokens[i + 1]!.text === '(') calls.push({ callee: text, token: i })
      if (!LOOPS.has(text)) continue
      const block = bodyOf(tokens, closes, i, close)
      if (block === null) return { refusal: refusalAt(code, at, 'syntax', `This \`${text}\` has no body.`) }
      const known: ConstantNamed = (value) => (local.has(value) ? undefined : constantNamed(value))
      const trips =
        text === 'for'
          ? loopTrips(tokens, i, closes.get(i + 1) ?? i, block, (of) => constantOf(of, known))
          : null
      const parent = loops.findLast((loop) => loop.open < i && i < loop.close) ?? null
      loops.push({ ...block, keyword: i, trips, parent, waits: false })
    }
    functions.set(name, { name, token, open, close, returns, loops, calls, waits: false, apart: false })
  }
  markWaiting(tokens, functions)
  markApart(tokens, functions)
  return { tokens, functions }
}

function headOf(tokens: readonly WgslToken[], closes: ReadonlyMap<number, number>, fn: number) {
  const token = fn + 1
  const end = tokens[token + 1]?.text === '(' ? closes.get(token + 1)! : undefined
  if (end === undefined) return null
  let open = end + 1
  while (open < tokens.length && tokens[open]!.text !== '{') {
    if (tokens[open]!.text === ';' || tokens[open]!.text === 'fn') return null
    open++
  }
  if (open === tokens.length) return null
  let from = end + 2
  if (tokens[end + 1]!.text !== '->') return { token, open, returns: null }
  // Attributes of the return type.
  while (tokens[from]!.text === '@')
    from += tokens[from + 2]!.text === '(' ? closes.get(from + 2)! + 1 - from : 2
  return { token, open, returns: [from, open] as [number, number] }
}

/** The first `{` behind a loop's keyword is that of its body: no expression or attribute has one. */
function bodyOf(
  tokens: readonly WgslToken[],
  closes: ReadonlyMap<number, number>,
  keyword: number,
  end: number,
): Block | null {
  for (let open = keyword + 1; open < end; open++) {
    if (tokens[open]!.text === '{') return { open, close: closes.get(open)! }
    if (tokens[open]!.text === '}') return null
  }
  return null
}

/** Names that a function declares itself, which hide those of the module. */
function localNames(tokens: readonly WgslToken[], from: number, to: number): ReadonlySet<string> {
  const names = new Set<string>()
  for (let i = from; i < to; i++) {
    const before = tokens[i - 1]!.text
    if (
      before === 'let' ||
      before === 'var' ||
      before === 'const' ||
      before === '>' ||
      tokens[i + 1]?.text === ':'
    )
      names.add(tokens[i]!.text)
  }
  return names
}

/** A loop waits where a barrier stands in it, or a call of a function that has one, or that calls one that has. */
function markWaiting(tokens: readonly WgslToken[], functions: ReadonlyMap<string, FunctionOutline>): void {
  const has = (from: number, to: number): boolean => {
    for (let i = from; i < to; i++) {
      const { text } = tokens[i]!
      if (tokens[i + 1]!.text === '(' && !functions.has(text) && WAITS.test(text)) return true
    }
    return false
  }
  const callers = Map.groupBy(
    [...functions.values()].flatMap(({ name, calls }) => calls.map(({ callee }) => ({ name, callee }))),
    ({ callee }) => callee,
  )
  const left = [...functions.values()].filter(({ open, close }) => has(open, close))
  for (let of = left.pop(); of; of = left.pop()) {
    if (of.waits) continue
    of.waits = true
    for (const { name } of callers.get(of.name) ?? []) left.push(functions.get(name)!)
  }
  for (const { loops, calls } of functions.values())
    for (const loop of loops)
      loop.waits =
        has(loop.keyword, loop.close) ||
        calls.some(
          ({ callee, token }) => loop.keyword < token && token < loop.close && functions.get(callee)!.waits,
        )
}

/**
 * What a function returns, or writes through a pointer, reaches a barrier where its caller has one or hands it on. All else
 * that it can change counts as different in the invocations anyway (WGSL, 15.2).
 */
function markApart(tokens: readonly WgslToken[], functions: ReadonlyMap<string, FunctionOutline>): void {
  let hasAlias = false
  let isAlias = false
  for (const { text } of tokens) {
    if (text === 'alias') isAlias = true
    else if (text === ';') isAlias = false
    else if (isAlias && text === 'ptr') hasAlias = true
  }
  const tells = ({ token, open, returns }: FunctionOutline): boolean =>
    returns !== null || hasAlias || tokens.slice(token, open).some(({ text }) => text === 'ptr')
  const left = [...functions.values()].filter(({ waits }) => waits)
  for (let of = left.pop(); of; of = left.pop()) {
    if (of.apart) continue
    of.apart = true
    for (const { callee } of of.calls) {
      const called = functions.get(callee)!
      if (tells(called)) left.push(called)
    }
  }
}

/** A call that leads back to the function that it stands in; undefined where there is none. */
export function recursiveCall({ functions }: ProgramOutline): CallOutline | undefined {
  const done = new Set<string>()
  const open = new Set<string>()
  const visit = (name: string): CallOutline | undefined => {
    if (done.has(name)) return undefined
    open.add(name)
    for (const call of functions.get(name)!.calls) {
      const found = open.has(call.callee) ? call : visit(call.callee)
      if (found) return found
    }
    open.delete(name)
    done.add(name)
    return undefined
  }
  for (const name of functions.keys()) {
    const found = visit(name)
    if (found) return found
  }
  return undefined
}
