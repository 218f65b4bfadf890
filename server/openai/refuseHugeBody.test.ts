import { describe, expect, it } from 'vitest'
import { MAX_BODY_DEPTH, MAX_BODY_VALUES } from './openaiLimits.ts'
import { refuseHugeBody } from './refuseHugeBody.ts'

const deep = (levels: number): unknown => {
  let value: unknown = 'x'
  for (let i = 0; i < levels; i++) value = [value]
  return value
}

describe('a body', () => {
  it('of no object passes: others refuse it', () => {
    for (const body of [undefined, null, 7, 'text', Uint8Array.of(1)])
      expect(() => refuseHugeBody(body)).not.toThrow()
  })

  it('may have so many values, over all its fields, and no more', () => {
    const half = new Array<string>(MAX_BODY_VALUES / 2 - 1).fill('x')
    expect(() => refuseHugeBody({ a: half, b: half })).not.toThrow()
    expect(() => refuseHugeBody({ a: half, b: [...half, 'x'] })).toThrow(/more than 100000 values/)
  })

  it('may be so deep and no deeper, and a million levels end nothing but the request', () => {
    expect(() => refuseHugeBody({ a: deep(MAX_BODY_DEPTH - 1) })).not.toThrow()
    expect(() => refuseHugeBody({ a: deep(MAX_BODY_DEPTH) })).toThrow(/`a` is nested more than 64 levels/)
    expect(() => refuseHugeBody({ a: deep(1_000_000) })).toThrow(
      expect.objectContaining({ code: 'invalid_value', param: 'a' }),
    )
  })

  it('holds Unicode only, in keys as well', () => {
    expect(() => refuseHugeBody({ a: ['😀', 'é'] })).not.toThrow()
    expect(() => refuseHugeBody({ a: [{ b: 'x\ud800' }] })).toThrow(/lone surrogate/)
    expect(() => refuseHugeBody({ a: { '\udc00': 1 } })).toThrow(/lone surrogate/)
  })
})
