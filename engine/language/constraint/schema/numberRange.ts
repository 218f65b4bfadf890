import { choice, digit, oneOf, optional, type Regular, repeat, sequence, text } from './regular.ts'

/** Most digits after the point, and before it where nothing else bounds it. */
const FRACTION_DIGITS = 12
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
export function integerRange(bounds: Bounds): Regular {
  return signed(rangeOf(bounds, 1n), wholeBetween)
}

/** Decimal numbers within bounds, without exponents. @throws Error where there is none */
export function decimalRange(bounds: Bounds): Regular {
  return signed(rangeOf(bounds, UNIT), decimalsBetween)
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
function signed({ least, most }: Range, between: (from: bigint, to: bigint | null) => Regular): Regular {
  const parts: Regular[] = []
  if (most === null || most >= 0n) {
    const from = least !== null && least > 0n ? least : 0n
    if (most === null || from <= most) parts.push(between(from, most))
  }
  if (least === null || least < 0n) {
    // No -0.
    const from = most !== null && most < 0n ? -most : 1n
    const to = least === null ? null : -least
    if (to === null || from <= to) parts.push(sequence(text('-'), between(from, to)))
  }
  if (parts.length === 0) throw new Error('it allows nothing')
  return choice(...parts)
}

/** Whole numbers without leading zeros. */
function wholeBetween(from: bigint, to: bigint | null): Regular {
  const first = String(from)
  const last = to === null ? '9'.repeat(Math.max(INTEGER_DIGITS, first.length)) : String(to)
  const parts: Regular[] = []
  for (let length = first.length; length <= last.length; length++) {
    const low = length === first.length ? first : `1${'0'.repeat(length - 1)}`
    const high = length === last.length ? last : '9'.repeat(length)
    parts.push(digitsBetween(low, high))
  }
  return choice(...parts)
}

/** Strings of digits from one to another of the same length. */
function digitsBetween(low: string, high: string): Regular {
  if (low === high) return text(low)
  if (/^0+$/.test(low) && /^9+$/.test(high)) return repeat(digit(), low.length, low.length)
  const [restLow, restHigh] = [low.slice(1), high.slice(1)]
  const [first, last] = [Number(low[0]), Number(high[0])]
  if (first === last) return sequence(text(low[0]!), digitsBetween(restLow, restHigh))
  const [zeros, nines] = ['0'.repeat(restLow.length), '9'.repeat(restLow.length)]
  const parts = [
    sequence(digit(first, first), digitsBetween(restLow, nines)),
    sequence(digit(last, last), digitsBetween(zeros, restHigh)),
  ]
  if (last - first > 1) parts.push(sequence(digit(first + 1, last - 1), digitsBetween(zeros, nines)))
  return choice(...parts)
}

/** Decimals from one multiple of 1 / UNIT to another. */
function decimalsBetween(from: bigint, to: bigint | null): Regular {
  const [low, high] = [from / UNIT, to === null ? null : to / UNIT]
  const [lowFraction, highFraction] = [fractionOf(from), to === null ? null : fractionOf(to)]
  if (low === high) return withFraction(text(String(low)), lowFraction, highFraction)
  const parts = [withFraction(text(String(low)), lowFraction, null)]
  if (high === null || low + 1n < high) {
    parts.push(withFraction(wholeBetween(low + 1n, high === null ? null : high - 1n), '', null))
  }
  if (high !== null) parts.push(withFraction(text(String(high)), '', highFraction))
  return choice(...parts)
}

/** Digits after the point, without zeros at the end. */
const fractionOf = (value: bigint): string =>
  String(value % UNIT)
    .padStart(FRACTION_DIGITS, '0')
    .replace(/0+$/, '')

/** A whole number with a fraction from `least` to `most` (null: without end). */
function withFraction(whole: Regular, least: string, most: string | null): Regular {
  const tail = sequence(text('.'), fraction(least, most, FRACTION_DIGITS))
  return sequence(whole, least === '' ? optional(tail) : tail)
}

/** One to `room` digits after the point, from one fraction to another, both without zeros at the end. */
function fraction(least: string, most: string | null, room: number): Regular {
  if (least === '' && most === null) return repeat(digit(), 1, room)
  if (least === '' && most === '') return repeat(oneOf('0'), 1, room)
  const [from, to] = [Number(least[0] ?? 0), most === null ? 9 : Number(most[0] ?? 0)]
  const parts: Regular[] = []
  for (let first = from; first <= to; first++) {
    const restLeast = first === from ? least.slice(1) : ''
    const restMost = most !== null && first === to ? most.slice(1) : null
    const one = digit(first, first)
    if (room === 1) parts.push(...(restLeast === '' ? [one] : []))
    else {
      const rest = fraction(restLeast, restMost, room - 1)
      parts.push(sequence(one, restLeast === '' ? optional(rest) : rest))
    }
  }
  return choice(...parts)
}
