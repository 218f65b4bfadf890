import { describe, expect, it } from 'vitest'
import type { KernelVariant } from '../../../shaders/kernel.ts'
import { type Search, searchVariants, type Trial } from './searchVariants.ts'

const variantOf = (name: string, values: readonly number[] = [1, 2, 4]): KernelVariant => ({
  name,
  family: 'registerTile',
  needs: { languageFeatures: [], features: [] },
  tuning: { lanes: { value: values[0]!, values }, chunk: { value: 8, values: [8, 16] } },
  scratch: [],
  passes: [],
})

/** A search among times by `name lanes chunk`, 1 ms a trial; what is missing takes 100 ms. */
function searchOf(variants: readonly KernelVariant[], known: Record<string, number | Trial>) {
  const asked: string[] = []
  let clockMs = 0
  const search: Search = {
    variants,
    budgetMs: 1000,
    now: () => clockMs,
    async measure({ name, tuning }) {
      const key = `${name} ${tuning!.lanes!.value} ${tuning!.chunk!.value}`
      asked.push(key)
      clockMs++
      const trial = known[key] ?? 100
      return typeof trial === 'number' ? { ms: trial } : trial
    },
  }
  return { search, asked }
}

const bestOf = (found: Awaited<ReturnType<typeof searchVariants>>) =>
  found.best && [found.best.variant.name, found.best.variant.tuning!.lanes!.value, found.best.ms]

describe('the search for a variant', () => {
  it('finds nothing where there is none', async () => {
    const { search } = searchOf([], {})
    expect(await searchVariants(search)).toEqual({ best: null, tried: [], complete: true })
  })

  it('tries all, tunes the fastest along each number and lets the best meet again', async () => {
    const { search, asked } = searchOf([variantOf('a'), variantOf('b')], {
      'a 1 8': 10,
      'b 1 8': 40,
      'a 2 8': 5,
      'a 4 8': 7,
      'a 2 16': 4,
    })
    expect(bestOf(await searchVariants(search))).toEqual(['a', 2, 4])
    expect(asked).toEqual(['a 1 8', 'b 1 8', 'a 2 8', 'a 4 8', 'a 2 16', 'a 2 16', 'a 2 8', 'a 4 8'])
  })

  it('tunes the second, too, where it is near: tuning turns rankings round', async () => {
    const { search } = searchOf([variantOf('a'), variantOf('b')], { 'a 1 8': 10, 'b 1 8': 12, 'b 4 8': 3 })
    expect(bestOf(await searchVariants(search))).toEqual(['b', 4, 3])
  })

  it('never picks a variant that was wrong, not even with a tuning that was right before', async () => {
    const { search, asked } = searchOf([variantOf('a'), variantOf('b')], {
      'a 1 8': 2,
      'a 2 8': { wrong: 'c[0] is 1 and must be 2' },
      'b 1 8': 50,
    })
    const found = await searchVariants(search)
    expect(bestOf(found)).toEqual(['b', 1, 50])
    expect(asked.filter((key) => key.startsWith('a'))).toEqual(['a 1 8', 'a 2 8'])
  })

  it('picks nobody who was given up', async () => {
    const { search } = searchOf([variantOf('a', [1]), variantOf('b', [1])], {
      'a 1 8': { givenUpMs: 1 },
      'b 1 8': 9,
      'b 1 16': { givenUpMs: 2 },
    })
    expect(bestOf(await searchVariants(search))).toEqual(['b', 1, 9])
  })

  it('ends before its budget, or with its signal after the trial that runs, and says so', async () => {
    const { search, asked } = searchOf([variantOf('a'), variantOf('b'), variantOf('c')], { 'a 1 8': 10 })
    const late = await searchVariants({ ...search, budgetMs: 2 })
    expect(late).toMatchObject({ complete: false, best: { ms: 10 } })
    expect(asked).toEqual(['a 1 8', 'b 1 8'])
    const ended = await searchVariants({ ...search, signal: AbortSignal.abort() })
    expect(ended).toEqual({ best: null, tried: [], complete: false })
  })
})
