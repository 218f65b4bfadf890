import { expect, it } from 'vitest'
import { poolTokens } from './poolTokens.ts'

/** Two texts of two tokens, width 2; the second text has one token and padding. */
const pool = (encoding: 'float' | 'base64') =>
  poolTokens({
    hidden: new Uint8Array(Float32Array.of(3, 0, 0, 4, 0, -2, 100, 100).buffer),
    mask: BigInt64Array.of(1n, 1n, 1n, 0n),
    texts: 2,
    length: 2,
    width: 2,
    encoding,
  })

it('takes the mean under the mask and scales it to length 1', () => {
  expect(pool('float')).toEqual(Float32Array.of(0.6, 0.8, 0, -1))
})

it('writes little-endian floats in base64', () => {
  const bytes = Buffer.from(pool('base64')[1] as string, 'base64')
  expect([bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual([0, -1])
})

it('gives zeros and not NaN for a vector of length 0', () => {
  const hidden = new Uint8Array(8)
  const input = {
    hidden,
    mask: BigInt64Array.of(1n),
    texts: 1,
    length: 1,
    width: 2,
    encoding: 'float' as const,
  }
  expect(poolTokens(input)).toEqual(Float32Array.of(0, 0))
})
