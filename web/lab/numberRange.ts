import { type LabWords, wordsOf } from './labWords.ts'

/** What the whole types of WGSL hold: least and largest value. */
const wholes: Readonly<Record<string, readonly [number, number]>> = {
  u32: [0, 2 ** 32 - 1],
  i32: [-(2 ** 31), 2 ** 31 - 1],
}
/** Largest finite value of the floating types; past it by half a step a number becomes infinite. */
const floats: Readonly<Record<string, number>> = { f32: (2 - 2 ** -23) * 2 ** 127, f16: 65504 }

/** A number that a sentence can hold: six digits, whole numbers as they are. */
const short = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e12 ? String(value) : String(Number(value.toPrecision(6)))

/**
 * Why a number is none of a type; null where it is one.
 * @param type `size` (a count of elements or workgroups), a scalar type of WGSL, or another: any number
 */
export function outsideOf(type: string, value: number): LabWords | null {
  if (type === 'size') {
    const fits = Number.isSafeInteger(value) && value >= 0
    return fits ? null : wordsOf('fault.noSize', { value: short(value) })
  }
  const whole = wholes[type]
  if (whole) {
    const [least, most] = whole
    if (Number.isInteger(value) && value >= least && value <= most) return null
    return wordsOf('fault.noWhole', { value: short(value), type, least, most })
  }
  const most = floats[type]
  if (most === undefined || Math.abs(value) <= most) return null
  return wordsOf('fault.tooLarge', { value: short(value), type, most: short(most) })
}
