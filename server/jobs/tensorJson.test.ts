import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Datatype, datatypes, elementCount } from '../../protocol/tensor.ts'
import { dataOfTensor, type TensorJson, tensorFromJson, tensorJson, tensorToJson } from './tensorJson.ts'

const noBlob = async (): Promise<never> => {
  throw new Error('no blob was asked for')
}
const read = (json: Partial<TensorJson>) =>
  tensorFromJson({ name: 't', datatype: 'FP32', shape: [1], ...json }, noBlob)

const integers: Partial<Record<Datatype, [number, number]>> = {
  UINT8: [0, 255],
  UINT16: [0, 65_535],
  UINT32: [0, 4_294_967_295],
  INT8: [-128, 127],
  INT16: [-32_768, 32_767],
  INT32: [-2_147_483_648, 2_147_483_647],
}

describe('tensors in JSON', () => {
  it('come back as they went, in every datatype', async () => {
    const numeric = Object.keys(datatypes).filter((datatype) => datatype !== 'BYTES') as Datatype[]
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...numeric),
        fc.array(fc.nat(3), { maxLength: 3 }),
        fc.nat(255),
        async (datatype, shape, seed) => {
          // One bit is all of a BOOL; NaN has more than one form of bytes.
          const mask = datatype === 'BOOL' ? 1 : 255
          const bytes = new Uint8Array(elementCount(shape) * datatypes[datatype].bytes).map(
            (_, i) => (seed + 53 * i) & mask,
          )
          const data = dataOfTensor({ name: 't', datatype, shape, bytes })
          if (data.includes('NaN')) return
          const back = await read({ datatype, shape, data: JSON.parse(JSON.stringify(data)) as unknown[] })
          expect(Buffer.from(back.bytes).equals(bytes)).toBe(true)
        },
      ),
    )
  })

  it('have a name that a frame can hold as it is', () => {
    const named = (name: string) =>
      tensorJson.safeParse({ name, datatype: 'FP32', shape: [1], data: [1] }).success
    expect(['é'.repeat(127), 'x', '\ufeffx'].map(named)).toEqual([true, true, true])
    expect(['', 'é'.repeat(128), '\ud800'].map(named)).toEqual([false, false, false])
  })

  it('keep what JSON has no number for as text', async () => {
    const floats = await read({ shape: [3], data: ['NaN', 'Infinity', '-Infinity'] })
    expect(dataOfTensor(floats)).toEqual(['NaN', 'Infinity', '-Infinity'])
    const wide = await read({
      datatype: 'INT64',
      shape: [2],
      data: ['9223372036854775807', '-9223372036854775808'],
    })
    expect(dataOfTensor(wide)).toEqual(['9223372036854775807', '-9223372036854775808'])
    const strings = await read({ datatype: 'BYTES', shape: [3], data: ['', 'é', 'two words'] })
    expect(dataOfTensor(strings)).toEqual(['', 'é', 'two words'])
  })

  it.each(Object.entries(integers))(
    'refuse a %s out of its range instead of wrapping it',
    async (name, [least, most]) => {
      const datatype = name as Datatype
      expect(dataOfTensor(await read({ datatype, shape: [2], data: [least, most] }))).toEqual([least, most])
      for (const wrong of [least - 1, most + 1, 0.5, '1', null, true])
        await expect(read({ datatype, shape: [1], data: [wrong] })).rejects.toMatchObject({
          code: 'invalid_value',
          param: 'inputs',
        })
    },
  )

  it('refuse what fits no 64-bit integer, no float and no truth value', async () => {
    const wrong: [Datatype, unknown][] = [
      ['INT64', '9223372036854775808'],
      ['UINT64', '-1'],
      ['UINT64', '18446744073709551616'],
      ['INT64', 2 ** 53],
      ['INT64', '1.5'],
      ['FP32', 'one'],
      ['FP32', null],
      ['BOOL', 2],
      ['BOOL', 'true'],
      ['BYTES', 7],
    ]
    for (const [datatype, value] of wrong)
      await expect(read({ datatype, data: [value] })).rejects.toMatchObject({
        code: 'invalid_value',
        param: 'inputs',
      })
  })

  it('refuse a number beyond the range of a float, 1e999 in JSON, instead of making it infinite', async () => {
    const beyond: [Datatype, string][] = [
      ['FP64', '1e999'],
      ['FP64', '-1e999'],
      ['FP32', '1e39'],
      ['FP32', '1e999'],
      ['FP16', '70000'],
      ['FP16', '-1e999'],
    ]
    for (const [datatype, text] of beyond)
      await expect(read({ datatype, shape: [2], data: JSON.parse(`[1, ${text}]`) })).rejects.toMatchObject({
        code: 'invalid_value',
        param: 'inputs',
        message: `Tensor t: element 1 is a number beyond the range of ${datatype}.`,
        fix: expect.stringContaining('"Infinity"'),
      })
    for (const datatype of ['INT8', 'UINT32', 'INT64', 'BOOL'] as const)
      await expect(read({ datatype, data: JSON.parse('[1e999]') })).rejects.toMatchObject({
        message: `Tensor t: element 0 is Infinity, not ${datatype}.`,
      })
    const largest = [65_504, 3.4028234663852886e38, Number.MAX_VALUE]
    for (const [i, datatype] of (['FP16', 'FP32', 'FP64'] as const).entries())
      expect(dataOfTensor(await read({ datatype, data: [largest[i]] }))).toEqual([largest[i]])
  })

  it('take data that is nested as the shape is', async () => {
    const data = [
      [
        [1, 2],
        [3, 4],
      ],
    ]
    expect(dataOfTensor(await read({ shape: [1, 2, 2], data }))).toEqual([1, 2, 3, 4])
  })

  it('refuse data that is nested in another way than the shape', async () => {
    const row = (length: number) => Array(length).fill(1)
    const wrong: [number[], unknown[], string][] = [
      [[2, 4], [row(3), row(5)], 'list 0 at depth 1 of `data` has 3 and must have 4 entries'],
      [[3, 2], [[1, 2], 3, 4], 'list 1 at depth 1 of `data` is 3 and must have 2 entries'],
      [[3, 2], [1, 2, [3, 4]], 'list 0 at depth 1 of `data` is 1 and must have 2 entries'],
      [[4], [[1], [2], [3], [4]], 'element 0 is a list'],
      [[4], [row(4)], '`data` has 1 and must have 4 entries'],
      [[2, 2], [row(2), row(2), row(2)], '`data` has 3 and must have 2 entries'],
      [[2, 2], [[[1], [2]], row(2)], 'element 0 is a list'],
      [[], [[1]], 'element 0 is a list'],
    ]
    for (const [shape, data, says] of wrong)
      await expect(read({ shape, data })).rejects.toMatchObject({
        code: 'invalid_value',
        param: 'inputs',
        message: `Tensor t is not nested as its shape [${shape.join(',')}]: ${says}.`,
      })
    for (const [shape, data] of [
      [[], [1]],
      [
        [2, 0],
        [[], []],
      ],
      [[2, 2], row(4)],
    ] as [number[], unknown[]][])
      expect((await read({ shape, data })).bytes.byteLength).toBe(4 * elementCount(shape))
  })

  it('have exactly one of data, base64 and blob, of the right length', async () => {
    for (const json of [
      {},
      { data: [1], base64: 'AAAAAA==' },
      { shape: [2], data: [1] },
      { base64: 'AAAA' },
      { base64: 'AAAAAAA' },
      { base64: 'AAAAAA-_' },
    ])
      await expect(read(json)).rejects.toMatchObject({ code: 'invalid_value', param: 'inputs' })
    expect(Buffer.from((await read({ base64: 'AACAPw==' })).bytes).readFloatLE(0)).toBe(1)
    const blob = await tensorFromJson(
      { name: 't', datatype: 'INT8', shape: [2], blob: 'ab'.repeat(32) },
      async () => Uint8Array.of(1, 255),
    )
    expect(dataOfTensor(blob)).toEqual([1, -1])
  })

  it('give outputs their hash, and large ones as a blob', async () => {
    const kept: number[] = []
    const keep = async (bytes: Uint8Array): Promise<string> => {
      kept.push(bytes.byteLength)
      return 'kept'
    }
    const make = (count: number) => ({
      name: 'y',
      datatype: 'UINT8' as const,
      shape: [count],
      bytes: new Uint8Array(count),
    })
    expect(await tensorToJson(make(65_536), keep)).toHaveProperty('data')
    expect(await tensorToJson(make(65_537), keep)).toMatchObject({
      blob: 'kept',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(kept).toEqual([65_537])
  })
})
