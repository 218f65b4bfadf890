import { anyOf, literal } from './ebnfText.ts'

/** Most digits after the point, and before it where nothing else bounds it. */
const FRACTION_DIGITS = 15
const INTEGER_DIGITS = 19
const UNIT = 10n ** BigInt(FRACTION_DIGITS)

export interface Bounds {
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
}

/** Both ends included, in steps; null where there is none. */
interface Range {
  least: bigint | null
  most: bigint | null
}

/** Integers within bounds. @throws Error where there is none */
export function integerRange(bounds: Bounds): string {
  const { least, most } = rangeOf(bounds, 1n)
  return signed({ least, most }, 1n, (from, to) => [wholeBetween(from, to)])
}

/** Decimal numbers within bounds, without exponents. @throws Error where there is none */
export function decimalRange(bounds: Bounds): string {
  return signed(rangeOf(bounds, UNIT), 1n, decimalsBetween)
}

/** The bounds as multiples of 1 / unit, rounded inwards. */
function rangeOf(bounds: Bounds, unit: bigint): Range {
  const lower = [
    ...scaledOf(bounds.minimum, unit).map(({ floor, isExact }) => (isExact ? floor : floor + 1n)),
    ...scaledOf(bounds.exclusiveMinimum, unit).map(({ floor }) => floor + 1n),
  ]
  const upper = [
    ...scaledOf(bounds.maximum, unit).map(({ floor }) => floor),
    ...scaledOf(bounds.exclusiveMaximum, unit).map(({ floor, isExact }) => (isExact ? floor - 1n : floor)),
  ]
  return {
    least: sorted(lower).at(-1) ?? null,
    most: sorted(upper)[0] ?? null,
  }
}

const sorted = (values: bigint[]): bigint[] => values.sort((a, b) => (a < b ? -1 : 1))

/** floor(value * unit) of the decimal that the number is written as. */
function scaledOf(value: number | undefined, unit: bigint): { floor: bigint; isExact: boolean }[] {
  if (value === undefined) return []
  const [, sign, whole, fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? []
  if (whole === undefined) throw new Error(`${value} is no number`)
  const digits = BigInt(`${sign}${whole}${fraction}`)
  const shift = Number(exponent) - fraction.length
  const numerator = digits * unit * (shift > 0 ? 10n ** BigInt(shift) : 1n)
  const denominator = shift < 0 ? 10n ** BigInt(-shift) : 1n
  const remainder = numerator % denominator
  const floor = numerator / denominator - (remainder < 0n ? 1n : 0n)
  return [{ floor, isExact: remainder === 0n }]
}

/** Numbers of both signs, of what gives those from one number that is not negative to another (null: without end). */
function signed(
  { least, most }: Range,
  step: bigint,
  between: (from: bigint, to: bigint | null) => string[],
): string {
  const alternatives: string[] = []
  if (most === null || most >= 0n) {
    const from = least !== null && least > 0n ? least : 0n
    if (most === null || from <= most) alternatives.push(...between(from, most))
  }
  if (least === null || least < 0n) {
    // No -0.
    const from = most !== null && most < 0n ? -most : step
    const to = least === null ? null : -least
    if (to === null || from <= to) alternatives.push(...between(from, to).map((one) => `"-" ${one}`))
  }
  return anyOf(alternatives)
}

/** Whole numbers without leading zeros. */
function wholeBetween(from: bigint, to: bigint | null): string {
  const first = String(from)
  const last = to === null ? '9'.repeat(Math.max(INTEGER_DIGITS, first.length)) : String(to)
  const alternatives: string[] = []
  for (let length = first.length; length <= last.length; length++) {
    const low = length === first.length ? first : `1${'0'.repeat(length - 1)}`
    const high = length === last.length ? last : '9'.repeat(length)
    alternatives.push(digitsBetween(low, high))
  }
  return anyOf(alternatives)
}

/** Strings of digits from one to another of the same length. */
function digitsBetween(low: string, high: string): string {
  if (low === high) return literal(low)
  if (/^0*$/.test(low) && /^9*$/.test(high)) return low.length === 1 ? '[0-9]' : `[0-9]{${low.length}}`
  const [first, last] = [Number(low[0]), Number(high[0])]
  const [restLow, restHigh] = [low.slice(1), high.slice(1)]
  if (restLow === '') return `[${first}-${last}]`
  if (first === last) return `${literal(low[0]!)} ${digitsBetween(restLow, restHigh)}`
  const [zeros, nines] = ['0'.repeat(restLow.length), '9'.repeat(restLow.length)]
  // A first or last digit under which all may follow goes with those between.
  const from = restLow === zeros ? first : first + 1
  const to = restHigh === nines ? last : last - 1
  const alternatives: string[] = []
  if (from > first) alternatives.push(`${literal(low[0]!)} ${digitsBetween(restLow, nines)}`)
  if (from <= to) alternatives.push(`[${from}-${to}] ${digitsBetween(zeros, nines)}`)
  if (to < last) alternatives.push(`${literal(high[0]!)} ${digitsBetween(zeros, restHigh)}`)
  return anyOf(alternatives)
}

/** Decimals from one multiple of 1 / UNIT to another. */
function decimalsBetween(from: bigint, to: bigint | null): string[] {
  const [low, lowFraction] = [from / UNIT, fractionOf(from)]
  const [high, highFraction] = to === null ? [null, null] : [to / UNIT, fractionOf(to)]
  if (low === high) return [withFraction(literal(String(low)), lowFraction, highFraction)]
  const alternatives: string[] = []
  const first = lowFraction === '' ? low : low + 1n
  if (first > low) alternatives.push(withFraction(literal(String(low)), lowFraction, null))
  if (high === null || first < high) {
    alternatives.push(withFraction(wholeBetween(first, high === null ? null : high - 1n), null, null))
  }
  if (high !== null) alternatives.push(withFraction(literal(String(high)), null, highFraction))
  return alternatives
}

/** Digits after the point, without zeros at the end. */
const fractionOf = (value: bigint): string =>
  String(value % UNIT)
    .padStart(FRACTION_DIGITS, '0')
    .replace(/0+$/, '')

function withFraction(whole: string, least: string | null, most: string | null): string {
  const tail = fraction(least || null, most, FRACTION_DIGITS)
  const isOptional = !least
  if (tail === null) return whole
  return isOptional ? `${whole} ("." ${tail})?` : `${whole} "." ${tail}`
}

/**
 * One to `room` digits after the point, from one fraction to another; null where there are none. `least` is null or not
 * zero, `most` null or perhaps zero ('').
 */
function fraction(least: string | null, most: string | null, room: number): string | null {
  if (room === 0) return null
  if (!least && most === null) return `[0-9]{1,${room}}`
  if (!least && most === '') return `"0"{1,${room}}`
  const [from, to] = [least ? Number(least[0]) : 0, most === null ? 9 : Number(most[0] ?? 0)]
  const alternatives: string[] = []
  for (let digit = from; digit <= to; digit++) {
    const restLeast = least && digit === from ? least.slice(1).replace(/^0*$/, '') || null : null
    const restMost = most !== null && digit === to ? most.slice(1) : null
    const rest = fraction(restLeast, restMost, room - 1)
    if (restLeast && rest === null) continue
    if (rest === null) alternatives.push(literal(String(digit)))
    else alternatives.push(`${literal(String(digit))} ${restLeast ? `(${rest})` : `(${rest})?`}`)
  }
  return alternatives.length === 0 ? null : anyOf(alternatives)
}
