import { describe, expect, it } from 'vitest'
import type { TunedKernel } from '../../protocol/messages.ts'
import { FixtureCore } from '../fixtureCore.ts'
import { ClassTuning } from './classTuning.ts'
import { ALICE, BOB, CAROL } from './fakeTab.ts'

const choice = (variant: string, ms = 1, more: Partial<TunedKernel> = {}): TunedKernel => ({
  kernel: 'matmul-f32',
  programs: 'a'.repeat(64),
  shapeClass: 'k=512 m=512 n=512',
  variant,
  tuning: {},
  ms,
  ...more,
})
const tabOf = (address: string, deviceClass = 'a/b/156/0') => ({ address, deviceClass })

describe('[K12] what is known of a device class', () => {
  it('is nothing before somebody spoke, and nothing of another class', () => {
    const tuning = new ClassTuning()
    expect(tuning.welcomeOf('a/b/156/0')).toEqual({})
    tuning.hear(tabOf(ALICE), { choices: [], struck: [] })
    expect(tuning.welcomeOf('a/b/156/0')).toEqual({})
    tuning.hear(tabOf(ALICE), { choices: [choice('x')], struck: [] })
    expect(tuning.welcomeOf('a/b/157/0')).toEqual({})
  })

  it('is the choice of most addresses, each of which has one word, its newest', () => {
    const tuning = new ClassTuning()
    tuning.hear(tabOf(ALICE), { choices: [choice('slow', 0.1)], struck: [] })
    tuning.hear(tabOf(ALICE), { choices: [choice('slow', 0.2)], struck: [] })
    tuning.hear(tabOf(BOB), { choices: [choice('fast', 3)], struck: [] })
    tuning.hear(tabOf(CAROL), { choices: [choice('fast', 2)], struck: [] })
    expect(tuning.welcomeOf('a/b/156/0')).toEqual({ tuning: [choice('fast', 2)] })
    tuning.hear(tabOf(BOB), { choices: [choice('slow', 4)], struck: [] })
    tuning.hear(tabOf(CAROL), { choices: [choice('other', 9)], struck: [] })
    expect(tuning.welcomeOf('a/b/156/0')).toEqual({ tuning: [choice('slow', 0.2)] })
  })

  it('is of equal votes the fastest, and another tuning is another choice', () => {
    const tuning = new ClassTuning()
    tuning.hear(tabOf(ALICE), { choices: [choice('x', 5, { tuning: { lanes: 32 } })], struck: [] })
    tuning.hear(tabOf(BOB), { choices: [choice('x', 4, { tuning: { lanes: 64 } })], struck: [] })
    expect(tuning.welcomeOf('a/b/156/0').tuning).toMatchObject([{ tuning: { lanes: 64 } }])
  })

  it('keeps other programs and other shapes apart, and no more than it has room for', () => {
    const tuning = new ClassTuning()
    const others = Array.from({ length: 64 }, (_, at) => choice('x', 1, { shapeClass: `n=${at}` }))
    tuning.hear(tabOf(ALICE), { choices: others.slice(0, 60), struck: [] })
    tuning.hear(tabOf(BOB), {
      choices: [choice('x', 1, { programs: 'b'.repeat(64) }), ...others.slice(60)],
      struck: [],
    })
    tuning.hear(tabOf(BOB), { choices: [choice('y', 1, { shapeClass: 'one more' })], struck: [] })
    expect(tuning.welcomeOf('a/b/156/0').tuning).toHaveLength(64)
  })

  it('tells of a variant that was struck off once', () => {
    const tuning = new ClassTuning()
    const struck = [{ kernel: 'softmax', variant: 'x', reason: 'y[0] is 1 and must be 2' }]
    expect(tuning.hear(tabOf(ALICE), { choices: [], struck })).toEqual(struck)
    expect(tuning.hear(tabOf(BOB), { choices: [], struck })).toEqual([])
    expect(tuning.hear(tabOf(BOB, 'c/d/156/0'), { choices: [], struck })).toEqual(struck)
  })

  it('is heard from tabs, and a variant that is wrong goes to the log', () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const struck = [{ kernel: 'softmax', variant: 'x', reason: 'y[0] is 1 and must be 2' }]
    tab.say({ type: 'tuned', choices: [choice('x')], struck })
    expect(fixture.core.tuning.welcomeOf(tab.tab.deviceClass)).toEqual({ tuning: [choice('x')] })
    const sentence = `softmax, variant x, is wrong on ${tab.tab.deviceClass}: y[0] is 1 and must be 2`
    expect(fixture.reports).toEqual([`a tab’s tuner: ${sentence}`])
  })
})
