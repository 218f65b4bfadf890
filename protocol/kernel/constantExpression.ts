import type { WgslToken } from './wgslText.ts'

/** Whole numbers beyond this are not followed: so no sum of two of them leaves the 32 bits of WGSL's integers. */
const MOST = 2 ** 24

/** The value of a name; undefined where it is not known before the program runs. */
export type ConstantNamed = (name: string) => number | undefined

/**
 * The value of an expression of whole numbers whose names are all known; undefined for any other. Values beyond 2^24 count
 * as not known.
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
    if (text === '-') return -primary()
    if (/^(?:0[xX][0-9a-fA-F]+|\d+)[iu]?$/.test(text)) return Number(text.replace(/[iu]$/, ''))
    if ((text === 'u32' || text === 'i32') && peek() === '(') {
      at++
      return closed(sum())
    }
    if ((text === 'min' || text === 'max') && peek() === '(') {
      at++
      const left = sum()
      if (peek() !== ',') return Number.NaN
      at++
      const right = closed(sum())
      return text === 'min' ? Math.min(left, right) : Math.max(left, right)
    }
    return constantNamed(text) ?? Number.NaN
  }
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
      if (text === '*') left *= right
      else if (right === 0) return Number.NaN
      else left = text === '/' ? Math.trunc(left / right) : left % right
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
      left = text === '<<' ? left * 2 ** right : Math.floor(left / 2 ** right)
    }
    return left
  }

  const value = sum()
  const known = at === tokens.length && Number.isInteger(value) && Math.abs(value) <= MOST
  return known ? value : undefined
}
