import { describe, expect, it } from 'vitest'
import { FixtureCore } from '../fixtureCore.ts'
import { nextGeneration } from './nextGeneration.ts'

const GRANTS_A_START = 2 ** 20

describe('generations', () => {
  it('[L1] rise beyond the grants that one start number serves, and none comes twice', () => {
    const { core } = new FixtureCore()
    let last = nextGeneration(core)
    expect(last).toBe(GRANTS_A_START + 1)
    for (let grants = 0; grants < 2.5 * GRANTS_A_START; grants++) {
      const generation = nextGeneration(core)
      if (generation <= last) throw new Error(`${generation} comes after ${last}`)
      last = generation
    }
    expect(last >>> 20).toBe(3)
  })

  it.each([
    ['before half of the grants', 2 ** 19 - 1],
    ['after half of the grants', 2 ** 19],
    ['just before the last grant', GRANTS_A_START - 1],
    ['at the first grant of the next number', GRANTS_A_START],
    ['far in the next number', GRANTS_A_START * 2 - 1],
  ])('[L4] of a start that ended %s are not given again by the next', async (_, grants) => {
    const before = new FixtureCore()
    let last = 0
    for (let i = 0; i < grants; i++) last = nextGeneration(before.core)
    before.flush()
    const { core } = await before.restart()
    expect(nextGeneration(core)).toBeGreaterThan(last)
    expect(core.boot).toBeGreaterThan(before.core.boot)
  })

  it('[L4] have the next start number on disk long before it is used', () => {
    const { core, store, ...fixture } = new FixtureCore()
    core.generationCount = 2 ** 19 - 1
    expect(nextGeneration(core) >>> 20).toBe(1)
    core.commit.flush()
    expect([core.boot, store.meta('boot')]).toEqual([1, '2'])
    expect(fixture.commitFailures).toEqual([])
  })

  it('are u32 also after 4096 starts', () => {
    const { core } = new FixtureCore()
    core.boot = 4095
    expect(nextGeneration(core)).toBe(0xfff00001)
    core.generationCount = GRANTS_A_START - 1
    expect(nextGeneration(core)).toBe(0)
  })
})
