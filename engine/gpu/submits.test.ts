import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kernelLibrary } from '../../shaders/library.ts'
import { bandsOf } from './bands.ts'
import { planPasses } from './plannedPass.ts'
import { submitsOf } from './submits.ts'
import { MAX_BANDS_PER_SUBMIT } from './taskBuffers.ts'

describe('bands', () => {
  it('are one band where everything fits', () => {
    expect([...bandsOf({ rows: 5, columns: 7 }, { rows: 8, columns: 128 }, () => 1e9)]).toEqual([
      { firstRow: 0, firstColumn: 0, rows: 5, columns: 7 },
    ])
  })

  it('are of about equal height, not full ones and a rest', () => {
    const bands = [...bandsOf({ rows: 90, columns: 10 }, { rows: 10, columns: 10 }, () => 800)]
    expect(bands.map(({ rows }) => rows)).toEqual([50, 40])
  })

  it('cut across columns where one row of workgroups is too much', () => {
    const bands = [...bandsOf({ rows: 8, columns: 300 }, { rows: 8, columns: 100 }, () => 8 * 100)]
    expect(bands.map(({ firstColumn }) => firstColumn)).toEqual([0, 100, 200])
  })

  it('never hold more workgroups in a dimension than WebGPU dispatches', () => {
    const bands = [...bandsOf({ rows: 100_000, columns: 1 }, { rows: 1, columns: 64 }, () => 1e12)]
    expect(bands.map(({ rows }) => rows)).toEqual([50_000, 50_000])
  })

  it('cover every cell once and start at whole workgroups, however they are cut', () => {
    const size = fc.integer({ min: 1, max: 60 })
    const extents = fc.record({ rows: size, columns: size })
    const steps = fc.record({ rows: fc.integer({ min: 1, max: 9 }), columns: fc.integer({ min: 1, max: 9 }) })
    fc.assert(
      fc.property(extents, steps, fc.array(fc.nat(2000), { minLength: 1 }), (extent, step, wanted) => {
        let asked = 0
        const seen = new Uint8Array(extent.rows * extent.columns)
        for (const band of bandsOf(extent, step, () => wanted[asked++ % wanted.length]!)) {
          expect([band.firstRow % step.rows, band.firstColumn % step.columns]).toEqual([0, 0])
          for (let row = band.firstRow; row < band.firstRow + band.rows; row++) {
            for (let column = band.firstColumn; column < band.firstColumn + band.columns; column++) {
              seen[row * extent.columns + column]!++
            }
          }
        }
        expect(seen.every((times) => times === 1)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

describe('submits', () => {
  const variant = kernelLibrary['matmul-i8'].variants[0]!
  const planned = (m: number, k: number, n: number) => planPasses(variant, 'seed', { m, k, n })

  it('are one submit for a short task', () => {
    const submits = [...submitsOf(planned(8, 8, 8), () => 1e9)]
    expect(submits).toHaveLength(1)
    expect(submits[0]).toMatchObject({ last: true, bands: [{ pass: 0 }, { pass: 1 }, { pass: 2 }] })
  })

  it('stay near the wanted size, in order, and only the last one is the last', () => {
    const submits = [...submitsOf(planned(1024, 1024, 1024), () => 1e8)]
    expect(submits.length).toBeGreaterThan(20)
    for (const { operations } of submits) expect(operations).toBeLessThanOrEqual(1.2e8)
    const order = submits.flatMap(({ bands }) => bands.map(({ pass }) => pass))
    expect(order).toEqual([...order].sort())
    expect(submits.map(({ last }) => last)).toEqual(submits.map((_, index) => index === submits.length - 1))
  })

  it('hold no more bands than the uniform buffer has slots', () => {
    for (const { bands } of submitsOf(planned(4000, 1, 4), () => 0)) {
      expect(bands.length).toBeLessThanOrEqual(MAX_BANDS_PER_SUBMIT)
    }
  })
})
