import type { Block } from './programOutline.ts'
import type { WgslToken } from './wgslText.ts'

/** How often a value of 32 bits can be halved before it is zero. */
const HALVINGS = 32
/** Most trips that count as known: more are counted while the program runs. */
const MOST_TRIPS = 65_536

/** Types of whole numbers. */
export const WHOLE = /^[ui]32$/

type Constant = (tokens: readonly WgslToken[]) => number | undefined

/**
 * How often the body of `for (var i = A; i < B; i += C)` runs at most, where that is plain: whole numbers that are known, a
 * counter that nothing else changes, no way past the bound. Null for every other loop.
 * @param close index of the `)` of the head
 */
export function loopTrips(
  tokens: readonly WgslToken[],
  keyword: number,
  close: number,
  body: Block,
  constant: Constant,
): number | null {
  if (tokens[keyword + 1]?.text !== '(') return null
  const parts = splitAt(tokens.slice(keyword + 2, close), ';')
  if (parts.length !== 3) return null
  const [init, condition, update] = parts as [WgslToken[], WgslToken[], WgslToken[]]
  if (init[0]?.text !== 'var' || init[1] === undefined) return null
  const counter = init[1].text
  // A counter that is no whole number may stand still: f16 cannot count beyond 2048.
  const equals = init[2]?.text === '=' ? 2 : WHOLE.test(init[3]?.text ?? '') && init[4]?.text === '=' ? 4 : -1
  if (equals < 0 || condition[0]?.text !== counter || update[0]?.text !== counter) return null
  if (isChanged(tokens, body, counter)) return null
  const least = constant(init.slice(equals + 1))
  const relation = condition[1]?.text
  const bound =
    relation === '<' || relation === '<='
      ? mostOf(condition.slice(2), constant)
      : constant(condition.slice(2))
  // `i < min(9, back(&i))`: what is called there could set it back.
  if (condition.slice(2).some(({ text }) => text === counter)) return null
  const step = stepOf(update, constant)
  if (bound === undefined || step === null) return null
  const isWhole =
    equals === 4 ||
    least !== undefined ||
    update[1]!.text === '>>=' ||
    isWholeNumber(update) ||
    isWholeNumber(condition)
  const trips = tripsOf(least, relation, bound, step, isWhole)
  return trips !== null && trips <= MOST_TRIPS ? Math.max(0, trips) : null
}

/** `i /= 2u`, `i > 0i`: no value but a whole number can stand beside a literal of its type. */
const isWholeNumber = (tokens: readonly WgslToken[]): boolean =>
  tokens.length === 3 && /^(?:0[xX][0-9a-fA-F]+|\d+)[iu]$/.test(tokens[2]!.text)

/** A number that an expression is never above: its value, or a known part of a `min`; undefined where none is known. */
function mostOf(tokens: readonly WgslToken[], constant: Constant): number | undefined {
  const value = constant(tokens)
  if (value !== undefined || tokens[0]?.text !== 'min' || tokens[1]?.text !== '(') return value
  const parts: WgslToken[][] = [[]]
  let depth = 0
  for (const [i, token] of tokens.entries()) {
    if (i === 0) continue
    if (/^[)\]]$/.test(token.text) && --depth === 0 && i < tokens.length - 1) return undefined
    if (token.text === ',' && depth === 1) parts.push([])
    else if (depth > 0) parts.at(-1)!.push(token)
    if (/^[([]$/.test(token.text)) depth++
  }
  const known = parts.flatMap((part) => mostOf(part, constant) ?? [])
  return parts.length === 2 && known.length > 0 ? Math.min(...known) : undefined
}

function tripsOf(
  least: number | undefined,
  relation: string | undefined,
  bound: number,
  [operator, by]: [string, number],
  isWhole: boolean,
): number | null {
  // Halving a whole number, whatever it was, comes to zero (or stays below it) in as many steps as it has bits.
  if (
    isWhole &&
    operator === '/' &&
    by >= 2 &&
    ((relation === '>' && bound >= 0) || (relation === '>=' && bound >= 1))
  )
    return HALVINGS
  if (least === undefined || least < 0 || bound < 0) return null
  const last = relation === '<' ? bound - 1 : relation === '<=' ? bound : null
  if (operator === '+' && by >= 1 && last !== null) return Math.ceil((last - least + 1) / by)
  // The product must not pass 2^31 and come out small.
  if (operator === '*' && by >= 2 && last !== null && least >= 1 && last * by < 2 ** 31)
    return Math.floor(Math.log2(Math.max(1, last / least))) + 2
  // A step of one meets every number: it cannot jump below zero and come out above.
  if (operator === '-' && by === 1 && relation === '>' && bound >= 0) return least - bound
  if (operator === '-' && by === 1 && relation === '>=' && bound >= 1) return least - bound + 1
  return null
}

/** What an update does to the counter, `>>` and `<<` as divisions and products; null where it is not plain. */
function stepOf(update: readonly WgslToken[], constant: Constant): [string, number] | null {
  const operator = update[1]?.text
  if (operator === '++' && update.length === 2) return ['+', 1]
  if (operator === '--' && update.length === 2) return ['-', 1]
  const by = constant(update.slice(2))
  if (by === undefined) return null
  if (operator === '>>=' || operator === '<<=')
    return by >= 1 && by < 32 ? [operator === '>>=' ? '/' : '*', 2 ** by] : null
  return operator !== undefined && /^[-+*/]=$/.test(operator) ? [operator[0]!, by] : null
}

/** Whether anything in the body may change the counter, or hides it: told by its name alone, so rather once too often. */
function isChanged(tokens: readonly WgslToken[], { open, close }: Block, counter: string): boolean {
  for (let i = open; i < close; i++) {
    if (tokens[i]!.text !== counter) continue
    let [from, to] = [i - 1, i + 1]
    // `(i) = 1` and `&(i)` are as good as without the parentheses.
    while (tokens[from]!.text === '(' && tokens[to]!.text === ')') {
      from--
      to++
    }
    const [before, after] = [tokens[from]!.text, tokens[to]!.text]
    if (/^(?:[-+*/%&|^]?=|\+\+|--|<<=|>>=|:)$/.test(after)) return true
    if (before === 'let' || before === 'var' || before === 'const') return true
    if (before === '&' && !/^[\w)\]]/.test(tokens[from - 1]!.text)) return true
  }
  return false
}

function splitAt(tokens: readonly WgslToken[], separator: string): WgslToken[][] {
  const parts: WgslToken[][] = [[]]
  for (const token of tokens) {
    if (token.text === separator) parts.push([])
    else parts.at(-1)!.push(token)
  }
  return parts
}
