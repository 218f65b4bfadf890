import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { microCreditsOf } from '../../protocol/limits.ts'
import type { Lease } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { endJob } from '../jobs/endJob.ts'
import type { Job } from '../jobs/jobRecords.ts'
import { rescueLeases } from '../maintenance/leaseRescuer.ts'
import { ALICE, BOB, CAROL } from '../placement/fakeTab.ts'
import type { LanguageTab } from '../placement/languageTab.ts'
import { RESUME_GRACE_MS } from '../placement/tabRegistry.ts'
import { answerOperations } from './answerCost.ts'
import { idsTensor, madeTokens } from './answerTensors.ts'
import { AnswersFixture } from './fixtureAnswers.ts'
import { KEPT_MS } from './keptRings.ts'

const PROMPT = Array.from({ length: 60 }, (_, i) => (i * 7) % 1000)
const TOKENS = 6
const HONEST = [ALICE, BOB, CAROL]
const CHEAT = '0x000000000000000000000000000000000000dEaD'
/** Each stretch of steps, and each lease, is rounded up by itself. */
const ROUNDING = 60

/** Answers under way, in one tab or over a ring, and how far each lease has streamed. */
interface Scene {
  world: AnswersFixture
  job: Job
  isRing: boolean
  streamed: Map<Lease, number>
  letChecksGo(): void
  holdChecks(): void
}

function join({ world, isRing }: Pick<Scene, 'world' | 'isRing'>, n: number, address: string): void {
  if (!isRing || n % 5 === 0) world.tab(undefined, { address })
  else for (const stage of [0, 1, 2]) world.tab([stage, stage], { address })
}

function remove({ world }: Scene, tab: LanguageTab): void {
  tab.cut()
  world.tabs.splice(world.tabs.indexOf(tab), 1)
}

const cheats = (tab: LanguageTab, n: number): boolean => tab.tab.address === CHEAT && n % 5 < 2

/** Outputs of an answer or a step, wrong in one place. */
function bent([first, ...rest]: Tensor[]): Tensor[] {
  if (first!.name === 'ids' && rest.length > 0) {
    const { ids } = madeTokens([first!, ...rest])
    return [idsTensor('ids', [...ids.slice(0, -1), 999]), ...rest]
  }
  const bytes = first!.bytes.slice()
  bytes[0]! ^= 1
  return [{ ...first!, bytes }, ...rest]
}

/** What may happen to a tab that has something in hand, or to the whole scene; `n` says which way. */
const happenings = {
  work: {
    weight: 32,
    run: (_: Scene, tab: LanguageTab, lease: Lease, n: number) =>
      tab.work(lease, cheats(tab, n) ? bent : undefined),
  },
  stream: {
    weight: 30,
    run({ streamed }: Scene, tab: LanguageTab, lease: Lease, n: number) {
      if (lease.spec.kind !== 'generate') return
      const from = streamed.get(lease) ?? lease.spec.inputs[2]!.shape[0]!
      const { task, generation } = lease
      if (cheats(tab, n)) tab.say({ type: 'tokens', task, generation, from, ids: [999] })
      else tab.stream(lease, from, 1)
      streamed.set(lease, from + 1)
    },
  },
  leave: {
    weight: 8,
    run(scene: Scene, tab: LanguageTab) {
      tab.say({ type: 'leaving' })
      remove(scene, tab)
    },
  },
  vanish: {
    weight: 5,
    run(scene: Scene, tab: LanguageTab) {
      remove(scene, tab)
      scene.world.fixture.clock.advance(RESUME_GRACE_MS)
      rescueLeases(scene.world.core)
    },
  },
  handBack: { weight: 5, run: (_: Scene, tab: LanguageTab) => tab.handBack('pause') },
  fail: { weight: 4, run: (_: Scene, tab: LanguageTab) => tab.fail() },
  join: {
    weight: 14,
    run: (scene: Scene, _tab: LanguageTab, _lease: Lease, n: number) =>
      join(scene, n, n % 10 < 3 ? CHEAT : HONEST[n % 3]!),
  },
  holdChecks: { weight: 20, run: (scene: Scene) => scene.holdChecks() },
  letChecksGo: { weight: 15, run: (scene: Scene) => scene.letChecksGo() },
  cancel: { weight: 3, run: ({ world, job }: Scene) => endJob(world.core, job, 'cancelled', {}) },
  removeModel: { weight: 1, run: ({ world }: Scene) => world.core.answers.modelsChanged(() => false) },
} as const
type Happening = keyof typeof happenings
const needsNoTab: ReadonlySet<Happening> = new Set([
  'join',
  'holdChecks',
  'letChecksGo',
  'cancel',
  'removeModel',
])

const anyOf = (names: Happening[]) =>
  fc.record({
    what: fc.oneof(
      ...names.map((what) => ({ weight: happenings[what].weight, arbitrary: fc.constant(what) })),
    ),
    n: fc.nat(10_000),
  })

function happen(scene: Scene, { what, n }: { what: Happening; n: number }): void {
  const able = scene.world.tabs.filter(({ hand }) => hand.length > 0)
  const tab = able[n % Math.max(1, able.length)]
  const lease = tab?.hand[(n >> 4) % tab.hand.length]
  if (tab || needsNoTab.has(what)) happenings[what].run(scene, tab!, lease!, n)
}

describe('answers among cheats and slow checks, of requesters who leave', () => {
  it('end, blame nobody honest, cost no more than their price, and leave nothing held', async () => {
    const ends: Record<string, number> = {}
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyOf(Object.keys(happenings) as Happening[]), { minLength: 10, maxLength: 60 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 10 }),
        fc.record({ isRing: fc.boolean(), readAlong: fc.boolean(), answers: fc.integer({ min: 1, max: 2 }) }),
        async (steps, draws, { isRing, readAlong, answers }) => {
          let drawn = 0
          const world = new AnswersFixture({}, { drawCheck: () => draws[drawn++ % draws.length]! })
          for (const address of [ALICE, CHEAT]) join({ world, isRing }, 1, address)
          const requests = Array.from({ length: answers }, (_, i) => world.request(TOKENS, [...PROMPT, i]))
          const job = await world.ask(requests, { readAlong })
          const held: (() => void)[] = []
          const { checker } = world.fixture
          const scene: Scene = {
            world,
            job,
            isRing,
            streamed: new Map(),
            holdChecks() {
              checker.wait = new Promise((resolve) => held.push(resolve))
            },
            letChecksGo() {
              for (const goOn of held.splice(0)) goOn()
              checker.wait = null
            },
          }
          for (const step of steps) {
            if (job.ended) break
            happen(scene, step)
            await world.fixture.settle()
          }
          scene.letChecksGo()
          for (const address of HONEST) world.tab(undefined, { address })
          await world.work()
          const end = job.ended ?? 'open'
          ends[end] = (ends[end] ?? 0) + 1

          // Without any wait.
          expect(job.ended).not.toBeNull()
          world.fixture.audit()
          expect([world.fixture.reports, world.fixture.commitFailures]).toEqual([[], []])
          const { core } = world
          expect([core.reserved.size, core.openInputBytes, core.queue.length]).toEqual([0, 0, 0])
          expect([core.checkingAnswers, core.checkingBytes]).toEqual([0, 0])
          for (const address of HONEST) expect(core.ledger.payee(address).rejected).toBe(0)
          const paid = 0 - world.fixture.balance('local')
          const { language } = world.model.manifest
          const price = answers * microCreditsOf(answerOperations(language, PROMPT.length + 1, TOKENS))
          expect(paid).toBeGreaterThanOrEqual(0)
          expect(paid).toBeLessThan(price + ROUNDING)
          if (job.refunded) expect(paid).toBe(0)
          // Beside an answer that fails another one may have ended well.
          if (job.ended !== 'done' && answers === 1) expect(core.answers.keptBytes).toBe(0)
          world.fixture.clock.advance(KEPT_MS)
          expect(core.answers.keptBytes).toBe(0)
        },
      ),
      { numRuns: 150 },
    )
    for (const end of ['done', 'failed', 'cancelled']) expect(ends[end]).toBeGreaterThan(5)
  }, 60_000)
})

describe('a background answer over restarts of the relay', () => {
  it.each([
    ['in one tab', false],
    ['over a ring', true],
  ])(
    '%s is paid by its requester once',
    async (_, isRing) => {
      const request = new AnswersFixture().request(TOKENS, PROMPT)
      const undisturbed = new AnswersFixture()
      join({ world: undisturbed, isRing }, 1, ALICE)
      await undisturbed.ask(request, { readAlong: false })
      await undisturbed.work()
      const price = -undisturbed.fixture.balance('local')
      const steps = fc.array(anyOf(['work', 'stream', 'leave', 'join']), { maxLength: 25 })
      await fc.assert(
        fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 3 }), async (runs) => {
          let world = new AnswersFixture()
          const job = await world.ask(request, { mode: 'background', readAlong: false })
          for (const [restarts, run] of runs.entries()) {
            if (restarts > 0) {
              const next = new AnswersFixture()
              const fixture = await world.fixture.restart()
              fixture.checker.language = next.model
              world = Object.assign(next, { fixture })
            }
            const scene = { world, job, isRing, streamed: new Map(), letChecksGo() {}, holdChecks() {} }
            for (const address of [ALICE, BOB]) join(scene, 1, address)
            await world.fixture.settle()
            for (const step of run) {
              happen(scene, { what: step.what, n: step.what === 'join' ? step.n * 10 + 6 : step.n })
              await world.fixture.settle()
            }
          }
          join({ world, isRing }, 1, CAROL)
          await world.work()
          expect(world.core.jobs.size).toBe(0)
          world.fixture.audit()
          expect(world.core.reserved.size).toBe(0)
          expect(Math.abs(-world.fixture.balance('local') - price)).toBeLessThan(ROUNDING)
        }),
        { numRuns: 40 },
      )
    },
    60_000,
  )
})
