/**
 * Philox 4x32-10: a counter-based generator, so that every draw is a function of (key, counter) and nothing has to be
 * kept between draws. J. K. Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3" (SC11), constants of table 2.
 */
const M0 = 0xd2511f53
const M1 = 0xcd9e8d57
const W0 = 0x9e3779b9
const W1 = 0xbb67ae85
const ROUNDS = 10

/** Upper 32 bits of the product of two u32. */
function high(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16]
  const middle = ((aLow * bLow) >>> 16) + ((aHigh * bLow) & 0xffff) + ((aLow * bHigh) & 0xffff)
  return (
    (aHigh * bHigh + ((aHigh * bLow) >>> 16) + ((aLow * bHigh) >>> 16) + Math.floor(middle / 65536)) >>> 0
  )
}

/** Four u32 of a counter of four u32 under a key of two. */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [x0, x1, x2, x3] = counter
  let [k0, k1] = key
  for (let round = 0; round < ROUNDS; round++) {
    const [high0, low0] = [high(M0, x0), Math.imul(M0, x0) >>> 0]
    const [high1, low1] = [high(M1, x2), Math.imul(M1, x2) >>> 0]
    x0 = (high1 ^ x1 ^ k0) >>> 0
    x1 = low1
    x2 = (high0 ^ x3 ^ k1) >>> 0
    x3 = low0
    k0 = (k0 + W0) >>> 0
    k1 = (k1 + W1) >>> 0
  }
  return [x0, x1, x2, x3]
}

/**
 * The number in [0, 1) for the token at a position of the answer (rules SR1 and SR2): a multiple of 2^-53.
 * `seed` is a request's 64 bits, high half first.
 */
export function drawAt(seed: readonly [number, number], position: number): number {
  const [x0, x1] = philox([position >>> 0, 0, 0, 0], [seed[1], seed[0]])
  return (x0 * 2 ** 21 + (x1 >>> 11)) * 2 ** -53
}
