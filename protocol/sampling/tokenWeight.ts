/** Weight of the most likely candidate: weights are whole numbers from 0 to this. */
export const FULL_WEIGHT = 2 ** 31
/**
 * How far below the largest logit, in units of the temperature, weights are computed. They are 0 from 22.2 on, where
 * 2^31 e^-x < 1/2; further out, because a branch at 22.2 would be mispredicted at every other token.
 */
export const WEIGHT_RANGE = 60

/** 32 / ln 2 and ln 2 / 32, each the nearest double. */
const STEPS = 46.16624130844683
const STEP = 0.02166084939249829
const SIXTH = 1 / 6
const TWENTY_FOURTH = 1 / 24

/** Entry j is the double nearest to 2^(-j / 32). */
const FRACTIONS = [
  1.0,
  0.9785720620877001,
  0.9576032806985737,
  0.93708381705515,
  0.9170040432046712,
  0.8973545375015536,
  0.8781260801866497,
  0.859309649061239,
  0.8408964152537145,
  0.8228777390769825,
  0.8052451659746271,
  0.7879904225539432,
  0.7711054127039704,
  0.7545822137967114,
  0.7384130729697497,
  0.7225904034885233,
  Math.SQRT1_2,
  0.691954940981916,
  0.6771277734684463,
  0.6626183215798707,
  0.6484197773255048,
  0.6345254785958666,
  0.620928906036742,
  0.6076236799902345,
  0.5946035575013605,
  0.5818624293887887,
  0.5693943173783458,
  0.5571933712979462,
  0.5452538663326288,
  0.5335702003384118,
  0.5221368912137069,
  0.5109485743270583,
]

/** Entry k is the double nearest to 2^(31 - k / 32). */
const POWERS = Float64Array.from(
  { length: Math.floor(WEIGHT_RANGE * STEPS) + 2 },
  (_, k) => FRACTIONS[k % 32]! * 2 ** (31 - Math.floor(k / 32)),
)

/**
 * floor(2^31 e^-x + 1/2) for 0 <= x <= WEIGHT_RANGE, in single additions and multiplications of doubles, so that it is
 * the same number on every machine (rule SW3): the nearest multiple of ln 2 / 32 from a table, and the rest by five terms of
 * the Taylor series, within 2e-12 of e^-x.
 */
export function tokenWeight(x: number): number {
  // `>>> 0` is floor here, and twice as fast: nothing is negative or above 2^31 + 1/2.
  const k = (x * STEPS + 0.5) >>> 0
  const r = x - k * STEP
  return (POWERS[k]! * (1 - r * (1 - r * (0.5 - r * (SIXTH - r * TWENTY_FOURTH)))) + 0.5) >>> 0
}
