/// <reference lib="esnext.float16" />
import type { Datatype } from './tensor.ts'

/**
 * How far two elements of a datatype lie apart. Floats: units in the last place, which is how many steps of the datatype
 * lead from one to the other; both zeros are one, two NaN are equal, and an infinity or a NaN is infinitely far from
 * everything else. Whole numbers: their difference; those of 64 bits as bigint, which loses nothing.
 * @returns takes floats of any precision, which are rounded to the datatype first
 */
export function distanceOf(datatype: Datatype): (a: number | bigint, b: number | bigint) => number {
  const place = places[datatype]
  return (a, b) => {
    if (a === b) return 0
    if (typeof a === 'bigint' && typeof b === 'bigint') return Number(a > b ? a - b : b - a)
    const x = Number(a)
    const y = Number(b)
    if (Number.isNaN(x) || Number.isNaN(y))
      return Number.isNaN(x) && Number.isNaN(y) ? 0 : Number.POSITIVE_INFINITY
    if (!place) return Math.abs(x - y)
    const from = place.of(x)
    const to = place.of(y)
    if (from === to) return 0
    if (isInfinity(from, place.infinity) || isInfinity(to, place.infinity)) return Number.POSITIVE_INFINITY
    return typeof from === 'bigint'
      ? Math.abs(Number(from - (to as bigint)))
      : Math.abs(from - (to as number))
  }
}

interface Places {
  /** Place of a float among all of its datatype, in rising order; 0 for both zeros. */
  of: (value: number) => number | bigint
  /** Place of the infinity above. */
  infinity: number | bigint
}

const isInfinity = (place: number | bigint, infinity: number | bigint): boolean =>
  place === infinity || -place === infinity

const scratch = new DataView(new ArrayBuffer(8))
const float32 = new Float32Array(1)
const bits32 = new Int32Array(float32.buffer)

const places: Partial<Record<Datatype, Places>> = {
  FP16: {
    of(value) {
      scratch.setFloat16(0, value)
      const bits = scratch.getInt16(0)
      return bits < 0 ? -(bits & 0x7fff) : bits
    },
    infinity: 0x7c00,
  },
  FP32: {
    of(value) {
      float32[0] = value
      const bits = bits32[0]!
      return bits < 0 ? -(bits & 0x7fffffff) : bits
    },
    infinity: 0x7f800000,
  },
  FP64: {
    of(value) {
      scratch.setFloat64(0, Math.abs(value))
      const bits = scratch.getBigUint64(0)
      return value < 0 ? -bits : bits
    },
    infinity: 0x7ff0000000000000n,
  },
}
