import { expect, it } from 'vitest'
import { goldenVectors } from '../exact/goldenVectors.ts'
import { mulshiftReference } from './reference.ts'

it('has the golden results of rule S5', () => {
  for (const { acc, M, E, mc, ec, F, y } of goldenVectors.linear) {
    const inputs = {
      accumulators: Int32Array.from(acc),
      rowScales: Uint32Array.of(M),
      rowExponents: Int32Array.of(E),
      columnScales: Uint32Array.from(mc),
      columnExponents: Int32Array.from(ec),
      residual: new Int32Array(0),
    }
    const shape = { rows: 1, n: acc.length, residual: 0, fraction: F }
    expect([...mulshiftReference(inputs, shape)]).toEqual(y)
  }
})
