import type { WgslToken } from './wgslText.ts'

/** Whole numbers beyond this are not followed: so no sum of two of them leaves the 32 bits of WGSL's integers. */
const MOST = 2 ** 24

/** Below this, whole numbers are the same in i32, u32 and here. */
const ALIKE = 2 ** 31

/** The value of a name; undefined where it is not known before the program runs. */
export type ConstantNamed = (name: string) => number | undefined

/**
 * The value of an expression of whole numbers whose names are all known; undefined for any other. Values beyond 2^24 count
 * as not known. Sums and products are right even where a u32 wraps round on the way; what else is made of a number is only
 * followed where that number is the same in every type.
 */
export function constantOf(tokens: readonly WgslToken[], constantNamed: ConstantNamed): number | undefined {
  let at = 0
  const peek = (): string => tokens[at]?.text ?? ''
  const shift = (): string => {
    const { text, at: place } = tokens[at] ?? { text: '', at: 0 }
    const next = tokens[at + 1]
    return text === '<<' ? '<<' : text === '>' && next?.text === '>' && next.at === place + 1 ? '>>' : ''
  }

  function primary(): number {
    const text = peek()
    at++
    if (text === '(') return closed(sum())
    if (text === '-') {
      let sign = -1
      for (; peek() === '-'; at++) sign = -sign
      return sign * primary()
    }
    if (/^(?:0[xX][0-9a-fA-F]+|\d+)[iu]?$/.test(text)) return Number(text.replace(/[iu]$/, ''))
    if ((text === 'u32' || text === 'i32') && peek() === '(') {
      at++
      return alike(closed(sum()))
    }
    if ((text === 'min' || text === 'max') && peek() === '(') {
      at++
      const left = alike(sum())
      if (peek() !== ',') return Number.NaN
      at++
      const right = alike(closed(sum()))
      return text === 'min' ? Math.min(left, right) : Math.max(left, right)
    }
    return constantNamed(text) ?? Number.NaN
  }
  const alike = (value: number): number => (value >= 0 && value < ALIKE ? value : Number.NaN)
  const whole = (value: number): number => (Number.isSafeInteger(value) ? value : Number.NaN)
  function closed(value: number): number {
    if (peek() !== ')') return Number.NaN
    at++
    return value
  }
  function product(): number {
    let left = primary()
    for (let text = peek(); text === '*' || text === '/' || text === '%'; text = peek()) {
      at++
      const right = primary()
      if (text === '*') left = whole(left * right)
      else if (right === 0) return Number.NaN
      else if (text === '/') left = Math.floor(alike(left) / alike(right))
      else left = alike(left) % alike(right)
    }
    return left
  }
  function sum(): number {
    let left = product()
    for (let text = peek(); text === '+' || text === '-'; text = peek()) {
      at++
      const right = product()
      left = text === '+' ? left + right : left - right
    }
    for (let text = shift(); text !== ''; text = shift()) {
      at += text === '<<' ? 1 : 2
      const right = product()
      if (!(right >= 0 && right < 32)) return Number.NaN
      left = text === '<<' ? whole(left * 2 ** right) : Math.floor(alike(left) / 2 ** right)
    }
    return left
  }

  const value = sum()
  const known = at === tokens.length && Number.isInteger(value) && Math.abs(value) <= MOST
  return known ? value : undefined
}
