import { residualSum, scaled } from '../exact/mulshift.ts'

/** What the scaling works on; names and shapes as in mulshift.wgsl. */
export interface MulshiftInputs {
  accumulators: Int32Array
  rowScales: Uint32Array
  rowExponents: Int32Array
  columnScales: Uint32Array
  columnExponents: Int32Array
  /** Empty where nothing is added. */
  residual: Int32Array
}

/** Rule S5 of the exact lane, and S7 where there is a residual; gives y: i32[rows, n]. */
export function mulshiftReference(
  inputs: MulshiftInputs,
  { rows, n, residual, fraction }: { rows: number; n: number; residual: number; fraction: number },
): Int32Array<ArrayBuffer> {
  const y = new Int32Array(rows * n)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < n; column++) {
      const at = row * n + column
      const product = Math.imul(inputs.rowScales[row]!, inputs.columnScales[column]!) >>> 0
      const shift = -(inputs.rowExponents[row]! + inputs.columnExponents[column]! + fraction)
      const value = scaled(inputs.accumulators[at]!, product, shift)
      y[at] = residual === 1 ? residualSum(inputs.residual[at]!, value) : value
    }
  }
  return y
}
