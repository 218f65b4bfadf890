import { describe, expect, it } from 'vitest'
import { doubling } from '../kernels/fixtureKernel.ts'
import { parseCustomKernel } from '../kernels/kernelBody.ts'
import { parseBatchBody, parseTaskBody } from './jobBodies.ts'
import { MAX_INLINE_DATA, refuseWideBody } from './refuseWideBody.ts'
import { tensorJson } from './tensorJson.ts'

/** An array that says that it is long, and that fails whoever looks at what is in it. */
const unseen = (length: number): unknown[] =>
  new Proxy(new Array<unknown>(length), {
    get(target, key) {
      if (typeof key === 'string' && /^[1-9]\d*$/.test(key)) throw new Error(`entry ${key} was looked at`)
      return Reflect.get(target, key) as unknown
    },
    ownKeys() {
      throw new Error('all entries were looked at')
    },
  })

const x = { name: 'x', datatype: 'FP32', shape: [4] }
const product = { kind: 'kernel', kernel: 'matmul-i8', shape: { m: 1, k: 1, n: 1 } }

describe('a job’s body', () => {
  it('is refused for a list that is too long before its entries are looked at', () => {
    const long = unseen(1_500_000)
    for (const [field, body] of Object.entries({
      bindings: { ...doubling, bindings: long },
      inputs: { ...doubling, inputs: long },
      outputs: { ...doubling, outputs: long },
      reference: { ...doubling, reference: long },
      dispatch: { ...doubling, dispatch: long },
      anything: { ...doubling, anything: long },
    }))
      expect(() => parseCustomKernel(body)).toThrow(
        expect.objectContaining({
          code: 'invalid_value',
          param: field,
          message: `\`${field}\` has 1500000 entries; at most 1024 are taken.`,
        }),
      )
    expect(() => parseTaskBody({ ...product, inputs: long })).toThrow('`inputs` has 1500000 entries')
    expect(() => parseTaskBody({ kind: 'infer', model: 'm', inputs: [{ ...x, shape: long }] })).toThrow(
      '`inputs[0].shape` has 1500000 entries',
    )
  })

  it('is refused for too many fields, its own or those of an object in it, and for too many values in all', () => {
    const many = Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`f${i}`, 1]))
    expect(() => parseCustomKernel({ ...doubling, ...many })).toThrow(/^The body has \d+ fields/)
    expect(() => parseCustomKernel({ ...doubling, overrides: many })).toThrow('`overrides` has 257 fields')
    const rows = Array.from({ length: 1024 }, () => [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
    expect(() => parseCustomKernel({ ...doubling, rows })).toThrow('more than 16384 values')
    expect(() =>
      refuseWideBody({ kind: 'kernel', deep: JSON.parse(`${'['.repeat(9e5)}${']'.repeat(9e5)}`) }),
    ).toThrow()
  })

  it('has 2^20 elements of data in all, and says what takes more', () => {
    const most = { ...doubling, inputs: [{ ...x, data: unseen(MAX_INLINE_DATA) }] }
    expect(() => refuseWideBody(most)).not.toThrow()
    const half = unseen(MAX_INLINE_DATA / 2)
    for (const inputs of [
      [{ ...x, data: unseen(MAX_INLINE_DATA + 1) }],
      [half, half, [1]].map((data) => ({ ...x, data })),
      [{ ...x, data: [half, half, [1]] }],
    ])
      expect(() => parseCustomKernel({ ...doubling, inputs })).toThrow(
        expect.objectContaining({
          code: 'invalid_value',
          param: 'inputs',
          fix: expect.stringContaining('base64'),
        }),
      )
    const task = { ...product, inputs: [{ ...x, data: unseen(MAX_INLINE_DATA) }] }
    expect(() => parseBatchBody({ kind: 'batch', tasks: [task, task] })).toThrow(
      /^tasks\[1\]: .*more than 1048576/,
    )
  })

  it('has its elements read once, not walked by its schema', () => {
    expect(tensorJson.safeParse({ ...x, data: unseen(MAX_INLINE_DATA) }).success).toBe(true)
    expect(tensorJson.safeParse({ ...x, data: 'four' }).success).toBe(false)
  })
})
