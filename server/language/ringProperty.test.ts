import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { languageOperations } from '../../protocol/language.ts'
import { microCreditsOf, STAGE_CHUNK_ROWS } from '../../protocol/limits.ts'
import { wholeRange } from '../../protocol/manifest.ts'
import type { Job } from '../jobs/jobRecords.ts'
import { rescueLeases } from '../maintenance/leaseRescuer.ts'
import { ALICE, BOB, CAROL } from '../placement/fakeTab.ts'
import type { LanguageTab } from '../placement/languageTab.ts'
import { RESUME_GRACE_MS } from '../placement/tabRegistry.ts'
import type { AnswerRequest } from './answer.ts'
import { fakeAnswer } from './fakeLanguage.ts'
import { AnswersFixture } from './fixtureAnswers.ts'
import { KEPT_MS } from './keptRings.ts'

const STAGES = 4
const ADDRESSES = [ALICE, BOB, CAROL]

/** What may happen to a world of tabs; `n` picks what it happens to. */
const happenings = {
  work: { weight: 60, run: (_world: AnswersFixture, tab: LanguageTab) => tab.work() },
  join: {
    weight: 8,
    run: (world: AnswersFixture, _tab: LanguageTab, n: number) => {
      const first = n % STAGES
      const last = first + ((n >> 3) % (STAGES - first))
      world.tab([first, last], { address: ADDRESSES[n % 3]! })
    },
  },
  vanish: {
    weight: 3,
    run(world: AnswersFixture, tab: LanguageTab) {
      tab.cut()
      world.tabs.splice(world.tabs.indexOf(tab), 1)
    },
  },
  blink: {
    weight: 2,
    run(world: AnswersFixture, tab: LanguageTab) {
      tab.cut()
      world.tabs.splice(world.tabs.indexOf(tab), 1)
      const ranges = [...tab.tab.ranges].flatMap(([hash, runs]) =>
        runs.map(({ first, last }): [string, number, number] => [hash, first, last]),
      )
      const back = world.tab(undefined, { resume: tab.tab.resume, address: tab.tab.address, ranges })
      // The page is the same: it has its caches and its leases still.
      if (back.resumed) back.hand.push(...tab.hand)
      Object.assign(back, { runner: tab.runner })
    },
  },
  leave: {
    weight: 3,
    run(world: AnswersFixture, tab: LanguageTab) {
      tab.say({ type: 'leaving' })
      tab.cut()
      world.tabs.splice(world.tabs.indexOf(tab), 1)
    },
  },
  pause: {
    weight: 2,
    run: (_: AnswersFixture, tab: LanguageTab) => tab.say({ type: 'state', state: 'paused' }),
  },
  resume: {
    weight: 4,
    run: (_: AnswersFixture, tab: LanguageTab) => tab.say({ type: 'state', state: 'ready' }),
  },
  forget: { weight: 3, run: (_: AnswersFixture, tab: LanguageTab) => tab.runner.forget() },
  fail: { weight: 1, run: (_: AnswersFixture, tab: LanguageTab) => tab.fail() },
  handBack: { weight: 2, run: (_: AnswersFixture, tab: LanguageTab) => tab.handBack('pause') },
  time: {
    weight: 4,
    run(world: AnswersFixture) {
      world.fixture.clock.advance(RESUME_GRACE_MS)
      for (const tab of world.tabs) tab.heartbeat()
      rescueLeases(world.core)
    },
  },
} as const
type Happening = keyof typeof happenings
const needsLease: ReadonlySet<Happening> = new Set(['work', 'fail', 'handBack'])

const anySteps = fc.array(
  fc.record({
    what: fc.oneof(
      ...(Object.keys(happenings) as Happening[]).map((what) => ({
        weight: happenings[what].weight,
        arbitrary: fc.constant(what),
      })),
    ),
    n: fc.nat(10_000),
  }),
  { minLength: 20, maxLength: 250 },
)

describe('answers over tabs that come and go', () => {
  it('have the text of an undisturbed one, cost their price once, and leave nothing behind', async () => {
    const ends: Record<string, number> = {}
    await fc.assert(
      fc.asyncProperty(
        anySteps,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 * STAGE_CHUNK_ROWS }),
        fc.boolean(),
        async (steps, answers, promptLength, whole) => {
          const world = new AnswersFixture({ stages: STAGES }, { drawCheck: (verified) => verified < 10 })
          const prompt = (choice: number): number[] =>
            Array.from({ length: promptLength }, (_, i) => (i * 13 + choice) % 1000)
          const requests = Array.from({ length: answers }, (_, choice) => world.request(12, prompt(choice)))
          for (let stage = 0; stage < STAGES; stage++)
            world.tab([stage, stage], { address: ADDRESSES[stage % 3]! })
          const job = await world.ask(requests)
          for (const { what, n } of steps) {
            const able = world.tabs.filter((tab) => !needsLease.has(what) || tab.hand.length > 0)
            const tab = able[n % Math.max(1, able.length)]
            if (tab || what === 'join' || what === 'time') happenings[what].run(world, tab!, n)
            await world.fixture.settle()
            world.fixture.audit()
            expect(world.core.openInputBytes).toBe(inputBytesOf(job))
          }
          // In the end there are tabs for everything, and time to notice.
          for (const tab of world.tabs) tab.say({ type: 'state', state: 'ready' })
          world.tab(whole ? undefined : [0, 1], { address: ALICE })
          world.tab([2, 3], { address: BOB })
          world.tab([0, 1], { address: CAROL })
          await world.work()
          world.fixture.clock.advance(RESUME_GRACE_MS)
          for (const tab of world.tabs) tab.heartbeat()
          rescueLeases(world.core)
          await world.work()

          ends[job.error?.code ?? job.ended ?? 'open'] =
            (ends[job.error?.code ?? job.ended ?? 'open'] ?? 0) + 1
          const right = requests.map(({ prompt, options }) => fakeAnswer(world.model, prompt, options))
          for (const [choice, { ids }] of right.entries())
            expect(world.heardIds(choice)).toEqual(ids.slice(0, world.heardIds(choice).length))
          if (job.ended === 'done') {
            expect(world.answersOf(job)).toMatchObject(right)
            expect(-world.fixture.balance('local')).toBeLessThanOrEqual(
              mostCost(world, answers, promptLength),
            )
            await followUps(world, requests, right)
          } else {
            expect(['tab_lost', 'task_failed']).toContain(job.error?.code)
            expect(world.fixture.balance('local')).toBe(0)
          }
          world.fixture.audit()
          expect(world.fixture.commitFailures).toEqual([])
          expect(world.core.reserved.size).toBe(0)
          expect(world.core.openInputBytes).toBe(0)
          expect(world.core.queue.length).toBe(0)
          // What a follow-up may go on from is kept for a while.
          world.fixture.clock.advance(KEPT_MS)
          expect(world.core.answers.keptBytes).toBe(0)
          for (const { tab } of world.tabs) expect([tab.leased.size, tab.answering]).toEqual([0, 0])
        },
      ),
      { numRuns: 80 },
    )
    // Most of it must come to an end, or nothing is shown.
    expect(ends.done).toBeGreaterThan(30)
  }, 60_000)
})

/** The next turn of each conversation, over whichever rings were kept, has its own right answer. */
async function followUps(
  world: AnswersFixture,
  requests: readonly AnswerRequest[],
  answers: readonly { ids: number[] }[],
): Promise<void> {
  const next = requests.map(({ prompt }, i) => world.request(5, [...prompt, ...answers[i]!.ids, 1, 2]))
  const job = await world.ask(next, { readAlong: false })
  await world.work()
  expect(job).toMatchObject({ ended: 'done', error: null })
  expect(world.answersOf(job)).toMatchObject(
    next.map(({ prompt, options }) => fakeAnswer(world.model, prompt, options)),
  )
}

/** Bytes of the inputs of a job's tasks that are not verified; none once it has ended. */
function inputBytesOf(job: Job): number {
  if (job.ended) return 0
  const inputs = [...job.tasks.values()].flatMap(({ spec }) => spec.inputs)
  return inputs.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
}

/** Every row through every stage once, each step rounded up, plus the rounding of steps that were cut at a loss. */
function mostCost(world: AnswersFixture, answers: number, promptLength: number): number {
  const { language } = world.model.manifest
  const rows = promptLength + 12
  const once = microCreditsOf(
    languageOperations(language, wholeRange(language), { from: 0, to: rows, logitRows: rows }),
  )
  return answers * (once + STAGES * rows)
}
