import { timesSigmoid } from '../float/sigmoidBound.ts'

export type SiluMulShape = { rows: number; n: number }

/** The gate and the up of each element of y: [rows, n] in gateUp: [rows, 2, n]. */
export function gatesAndUps(
  gateUp: ArrayLike<number>,
  { rows, n }: SiluMulShape,
): (readonly [gate: number, up: number])[] {
  return Array.from({ length: rows * n }, (_, at) => {
    const gate = Math.floor(at / n) * 2 * n + (at % n)
    return [gateUp[gate]!, gateUp[gate + n]!] as const
  })
}

/** silu(gate) * up in f64. */
export const siluMulReference = (gateUp: ArrayLike<number>, shape: SiluMulShape): Float64Array<ArrayBuffer> =>
  Float64Array.from(gatesAndUps(gateUp, shape), ([gate, up]) => timesSigmoid(gate, gate) * up)
