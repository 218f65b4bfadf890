import { hash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { TunedKernel } from '../../protocol/messages.ts'
import { descriptorText } from '../../shaders/library.ts'
import { FixtureCore } from '../fixtureCore.ts'
import { ClassTuning } from './classTuning.ts'
import { ALICE, BOB, CAROL } from './fakeTab.ts'

const programsOf = (kernel: string): string => hash('sha256', descriptorText(kernel), 'hex')

const choice = (variant: string, ms = 1, more: Partial<TunedKernel> = {}): TunedKernel => ({
  kernel: 'matmul-f32',
  programs: programsOf('matmul-f32'),
  shapeClass: 'k=512 m=512 n=512',
  variant,
  tuning: {},
  ms,
  ...more,
})
const [slow, fast, other] = ['workgroupTile16', 'workgroupTile64', 'workgroupTile128'] as const
const CLASS = 'a/b/156/0'
const tabOf = (address: string, deviceClass = CLASS) => ({ address, deviceClass })
const say = (...choices: TunedKernel[]) => ({ choices, struck: [] })
const strike = (variant: string, reason = 'c[0] is 1 and must be 2') => ({
  choices: [],
  struck: [{ kernel: 'matmul-f32', variant, reason }],
})
/** The first of many classes of shapes. */
const shapeClasses = Array.from(
  { length: 100 },
  (_, at) => `k=${2 ** (at % 10)} m=${2 ** Math.floor(at / 10)} n=8`,
)

const allStand = () => true
const tuningOf = (tuning: ClassTuning, deviceClass = CLASS) => tuning.welcomeOf(deviceClass).tuning

describe('[K12] what is known of a device class', () => {
  it('is nothing before somebody spoke, and nothing of another class', () => {
    const tuning = new ClassTuning(allStand)
    expect(tuning.welcomeOf(CLASS)).toEqual({})
    tuning.hear(tabOf(ALICE), say())
    expect(tuning.welcomeOf(CLASS)).toEqual({})
    tuning.hear(tabOf(ALICE), say(choice(slow)))
    expect(tuning.welcomeOf('a/b/157/0')).toEqual({})
  })

  it('is the choice of most addresses, each of which has one word, its newest', () => {
    const tuning = new ClassTuning(allStand)
    tuning.hear(tabOf(ALICE), say(choice(slow, 0.1)))
    tuning.hear(tabOf(ALICE), say(choice(slow, 0.2)))
    tuning.hear(tabOf(BOB), say(choice(fast, 3)))
    tuning.hear(tabOf(CAROL), say(choice(fast, 2)))
    expect(tuning.welcomeOf(CLASS)).toEqual({ tuning: [choice(fast, 2)] })
    tuning.hear(tabOf(BOB), say(choice(slow, 4)))
    tuning.hear(tabOf(CAROL), say(choice(other, 9)))
    expect(tuning.welcomeOf(CLASS)).toEqual({ tuning: [choice(slow, 0.2)] })
  })

  it('is of equal votes the fastest, and another tuning is another choice', () => {
    const tuning = new ClassTuning(allStand)
    const tuned = (ms: number, chunk: number) =>
      choice('workgroup', ms, {
        kernel: 'argmax',
        programs: programsOf('argmax'),
        shapeClass: 'n=512 rows=1',
        tuning: { lanes: 64, chunk },
      })
    tuning.hear(tabOf(ALICE), say(tuned(5, 512)))
    tuning.hear(tabOf(BOB), say(tuned(4, 1024)))
    expect(tuningOf(tuning)).toMatchObject([{ tuning: { chunk: 1024 } }])
  })

  it('is of the library alone: its kernels, programs, variants, tunings and classes of shapes', () => {
    const tuning = new ClassTuning(allStand)
    const argmax = (chosen: Record<string, number>, shapeClass = 'n=512 rows=1') =>
      choice('workgroup', 1, { kernel: 'argmax', programs: programsOf('argmax'), shapeClass, tuning: chosen })
    const unknown = [
      choice('x'),
      choice(slow, 1, { kernel: 'constructor' }),
      choice(slow, 1, { programs: 'a'.repeat(64) }),
      choice(slow, 1, { tuning: { lanes: 64 } }),
      argmax({}),
      argmax({ lanes: 64, chunk: 513 }),
      argmax({ lanes: 64, chunk: 512, constructor: 1 }),
      argmax({ lanes: 64, constructor: 512 }),
      ...[
        '',
        'n=512',
        'rows=1 n=512',
        'n=512 rows=1 x=1',
        'n=500 rows=1',
        'n=1e3 rows=1',
        'n=512\nrows=1',
      ].map((shapeClass) => argmax({ lanes: 64, chunk: 512 }, shapeClass)),
      choice(slow, 1, { shapeClass: `k=${2 ** 32} m=1 n=1` }),
    ]
    const struck = [
      { kernel: 'matmul-f32', variant: 'x', reason: 'any text' },
      { kernel: 'x', variant: slow, reason: 'any text' },
    ]
    expect(tuning.hear(tabOf(ALICE), { choices: unknown, struck })).toEqual([])
    expect(tuning.welcomeOf(CLASS)).toEqual({})
    const known = ['n=512 rows=1', 'n=3 rows=0'].map((shapeClass) =>
      argmax({ lanes: 64, chunk: 512 }, shapeClass),
    )
    tuning.hear(tabOf(ALICE), say(...known))
    expect(tuningOf(tuning)).toEqual(known)
  })

  it('is no word of an address without standing where another one spoke', () => {
    const standing = new Set<string>()
    const tuning = new ClassTuning((address) => standing.has(address))
    tuning.hear(tabOf(ALICE), say(choice(slow)))
    expect(tuningOf(tuning)).toEqual([choice(slow)])
    for (let at = 0; at < 100; at++) tuning.hear(tabOf(`0x${at}`), say(choice(other, 0)))
    expect(tuning.hear(tabOf('0x0'), strike(fast))).toEqual([])
    expect(tuningOf(tuning), 'the first one goes on to speak for itself').toEqual([choice(slow)])
    tuning.hear(tabOf(ALICE), say(choice(fast, 2)))
    expect(tuningOf(tuning)).toEqual([choice(fast, 2)])

    // With standing it counts more than what is there.
    standing.add(BOB)
    tuning.hear(tabOf(BOB), say(choice(other, 3)))
    expect(tuningOf(tuning)).toEqual([choice(other, 3)])
    standing.delete(BOB)
    expect(tuningOf(tuning)).toEqual([choice(fast, 2)])
  })

  it('is replaced by later words of addresses with standing, however many there are', () => {
    const standing = new Set([ALICE, BOB])
    const tuning = new ClassTuning((address) => standing.has(address) || address.startsWith('0x1'))
    for (let at = 1000; at < 1070; at++) tuning.hear(tabOf(`0x${at}`), say(choice(slow)))
    for (let at = 1000; at < 1070; at++) tuning.hear(tabOf(`0x${at}`), say(choice(fast)))
    expect(tuningOf(tuning)).toEqual([choice(fast)])

    const many = shapeClasses.map((shapeClass) => choice(slow, 1, { shapeClass }))
    tuning.hear(tabOf(ALICE), say(...many.slice(0, 70)))
    expect(tuningOf(tuning)).toHaveLength(64)
    expect(tuningOf(tuning), 'what most speak of stays').toContainEqual(choice(fast))
    tuning.hear(tabOf(BOB), say(many[99]!))
    expect(tuningOf(tuning)).toHaveLength(64)
    expect(tuningOf(tuning)).toContainEqual(many[99])
  })

  it('is not forgotten for device classes that addresses without standing make up', () => {
    const tuning = new ClassTuning((address) => address !== CAROL)
    tuning.hear(tabOf(ALICE), say(choice(slow)))
    for (let at = 0; at < 300; at++) tuning.hear(tabOf(CAROL, `made/up/${at}/0`), say(choice(fast)))
    expect(tuningOf(tuning)).toEqual([choice(slow)])
    expect(tuning.welcomeOf('made/up/0/0'), 'the oldest of them').toEqual({})
    for (let at = 0; at < 300; at++) tuning.hear(tabOf(BOB, `other/${at}/1/0`), say(choice(fast)))
    expect(tuning.welcomeOf(CLASS)).toEqual({})
    tuning.hear(tabOf(CAROL), say(choice(slow)))
    expect(tuning.welcomeOf(CLASS)).toEqual({})
    tuning.hear(tabOf(ALICE), say(choice(slow)))
    expect(tuningOf(tuning)).toEqual([choice(slow)])
  })

  it('tells of a variant that was struck off once, and once more when an address with standing says so', () => {
    const tuning = new ClassTuning((address) => address !== ALICE)
    const said = strike(slow).struck
    expect(tuning.hear(tabOf(ALICE), strike(slow))).toEqual(said)
    expect(tuning.hear(tabOf(ALICE), strike(slow))).toEqual([])
    expect(tuning.hear(tabOf(BOB), strike(slow))).toEqual(said)
    expect(tuning.hear(tabOf(CAROL), strike(slow))).toEqual([])
    expect(tuning.hear(tabOf(BOB, 'c/d/156/0'), strike(slow))).toEqual(said)
  })

  it('is heard from tabs, those of standing by their verified results, and a variant that is wrong goes to the log', () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const { struck } = strike(slow)
    tab.say({ type: 'tuned', choices: [choice(fast)], struck })
    const { deviceClass } = tab.tab
    expect(fixture.core.tuning.welcomeOf(deviceClass)).toEqual({ tuning: [choice(fast)] })
    const sentence = `matmul-f32, variant ${slow}, is wrong on ${deviceClass}: c[0] is 1 and must be 2`
    expect(fixture.reports).toEqual([`a tab’s tuner: ${sentence}`])

    const bob = fixture.tab({ address: BOB })
    bob.say({ type: 'tuned', choices: [choice(other)], struck: [] })
    expect(fixture.core.tuning.welcomeOf(deviceClass)).toEqual({ tuning: [choice(fast)] })
    fixture.core.ledger.payee(BOB).verifiedSinceReset = 10
    bob.say({ type: 'tuned', choices: [choice(other)], struck: [] })
    expect(fixture.core.tuning.welcomeOf(deviceClass)).toEqual({ tuning: [choice(other)] })
  })
})
