import { expect, it } from 'vitest'
import { exactTables } from './exactTables.ts'
import { goldenVectors } from './goldenVectors.ts'

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex')
}

it('are the tables whose hashes the specification names', async () => {
  const hashOf = (table: Uint32Array<ArrayBuffer>) => sha256(new Uint8Array(table.buffer))
  expect(await hashOf(exactTables.exp2)).toBe(goldenVectors.ET_sha256)
  expect(await hashOf(exactTables.sigmoid)).toBe(goldenVectors.ST_sha256)
})

it('follow their formulas', () => {
  const exp2 = exactTables.exp2.map((_, i) => Math.round(32768 * 2 ** (-i / 256)))
  const sigmoid = exactTables.sigmoid.map((_, i) => Math.round(65536 / (1 + Math.exp(-i / 64))))
  expect(exactTables).toEqual({ exp2, sigmoid })
})
