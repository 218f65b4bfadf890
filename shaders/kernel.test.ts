import { describe, expect, it } from 'vitest'
import { bytesOf, operationsOf } from './canonicalCost.ts'
import { argumentsOf, scopeOf, withTuning } from './kernel.ts'
import { libraryKernels } from './library.ts'
import { matmulI8 } from './matmul-i8/kernel.ts'
import { matvecI8Kernels } from './matvec-i8/kernel.ts'
import { namesIn } from './size.ts'
import { sortU32 } from './sort-u32/kernel.ts'

const variant = {
  name: 'one',
  family: 'registerTile',
  needs: { languageFeatures: [], features: [] },
  tuning: { lanes: { value: 32, values: [16, 32] } },
  scratch: [],
  passes: [],
} as const

describe('what expressions see', () => {
  it('are arguments, tuning and constants, the inner ones first', () => {
    const constants = { half: { ceilDiv: ['n', 2] }, n: { times: ['n', 'lanes'] } } as const
    expect(scopeOf(variant, { n: 5 })).toEqual({ n: 5, lanes: 32 })
    // Constants see what is outside, not each other.
    expect(scopeOf(variant, { n: 5 }, constants)).toEqual({ lanes: 32, half: 3, n: 160 })
  })

  it('is another number of a variant that was tuned, and nothing else of it', () => {
    const tuned = withTuning(variant, { lanes: 16, unknown: 1 })
    expect(scopeOf(tuned, { n: 5 })).toEqual({ n: 5, lanes: 16 })
    expect(tuned).toEqual({ ...variant, tuning: { lanes: { value: 16, values: [16, 32] } } })
  })
})

it('the canonical cost counts the work and each input and output once, whatever a variant does', () => {
  const shape = { m: 3, k: 5, n: 7 }
  expect(operationsOf(matmulI8, shape)).toBe(2 * 3 * 5 * 7)
  expect(bytesOf(matmulI8, shape)).toBe(3 * 5 + 5 * 7 + 3 * 7 * 4)
  expect(bytesOf(sortU32, { n: 10, payload: 0 })).toBe(80)
  expect(bytesOf(sortU32, { n: 10, payload: 1 })).toBe(160)
})

it('4-bit weights with 32 bits for each group cost five eighths of the bytes of int8 ones', () => {
  const [plain, , fourBits] = matvecI8Kernels.map(({ kernel }) =>
    bytesOf(kernel, { n: 4096, k: 4096, planes: 1 }),
  )
  expect(plain).toBe(4096 * 4096 + 4096 + 4096 * 4)
  expect(fourBits! / plain!).toBeCloseTo(5 / 8, 2)
})

it.each(libraryKernels.map((kernel) => [kernel.name, kernel] as const))(
  'no pass of %s takes its extent from an argument that its constants hide',
  (_, kernel) => {
    for (const pass of kernel.variants.flatMap(({ passes }) => passes)) {
      const { rows, columns, cellOperations, constants = {} } = pass
      const named = [rows, columns, cellOperations].flatMap(namesIn)
      const hidden = argumentsOf(kernel).filter(({ name }) => name in constants && named.includes(name))
      expect(hidden.map(({ name }) => name)).toEqual([])
    }
  },
)
