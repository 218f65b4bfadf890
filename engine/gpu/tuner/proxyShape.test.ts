import { describe, expect, it } from 'vitest'
import { bytesOf, operationsOf } from '../../../shaders/canonicalCost.ts'
import { argumentsOf } from '../../../shaders/kernel.ts'
import { kernelNamed, libraryKernels } from '../../../shaders/library.ts'
import { checkKernelRun } from '../checkKernelRun.ts'
import { proxyShapeOf } from './proxyShape.ts'
import { shapeClassOf } from './shapeClass.ts'

const matmul = kernelNamed('matmul-f32')!
const decode = kernelNamed('attention-decode')!
const long = { keys: 2048, kvHeads: 32, group: 1, width: 64, window: 2 ** 20, scale: 0.125 }

describe('a class of shapes', () => {
  it('is of sizes to the nearest power of two, and of small ones as they are', () => {
    expect(shapeClassOf(matmul, { m: 3, k: 500, n: 1500 })).toBe('k=512 m=3 n=2048')
    expect(shapeClassOf(matmul, { m: 4, k: 512, n: 1449 })).toBe('k=512 m=4 n=2048')
    expect(shapeClassOf(matmul, { m: 5, k: 512, n: 1448 })).toBe('k=512 m=4 n=1024')
    expect(shapeClassOf(kernelNamed('scan-f32')!, { rows: 0, n: 1, exclusive: 0 })).toBe(
      'exclusive=0 n=1 rows=0',
    )
  })

  it('leaves out numbers that change no speed', () => {
    expect(shapeClassOf(decode, long)).toBe(shapeClassOf(decode, { ...long, scale: 1 }))
  })
})

describe('the shape that stands for others', () => {
  const limits = { operations: 2e6, bytes: 1e6 }

  it('is the shape itself where that is small', () => {
    const shape = { m: 8, k: 8, n: 8 }
    expect(proxyShapeOf(matmul, shape, limits)).toBe(shape)
  })

  it('halves the largest sizes and keeps the proportions', () => {
    expect(proxyShapeOf(matmul, { m: 1024, k: 1024, n: 1024 }, limits)).toEqual({ m: 64, k: 64, n: 128 })
    expect(proxyShapeOf(matmul, { m: 1, k: 4096, n: 4096 }, limits)).toEqual({ m: 1, k: 256, n: 512 })
  })

  it('halves no argument that is no size of the work', () => {
    expect(proxyShapeOf(decode, long, limits)).toEqual({ ...long, keys: 32 })
  })

  it('is taken by its kernel, whichever it is', () => {
    for (const kernel of libraryKernels) {
      const shape = Object.fromEntries(
        argumentsOf(kernel).map(({ name, type, least, most, multipleOf = 1 }) => [
          name,
          type === 'f32' ? least : Math.floor(Math.min(most, 2000) / multipleOf) * multipleOf,
        ]),
      )
      const proxy = proxyShapeOf(kernel, shape, limits)
      expect(operationsOf(kernel, proxy)).toBeLessThanOrEqual(operationsOf(kernel, shape))
      expect(bytesOf(kernel, proxy)).toBeLessThanOrEqual(bytesOf(kernel, shape))
      checkKernelRun({ kernel, shape: proxy, seed: 1, inputs: [] })
    }
  })
})
