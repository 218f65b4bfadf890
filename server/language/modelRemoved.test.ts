import { describe, expect, it } from 'vitest'
import { OpentabError } from '../../protocol/errors.ts'
import { MAX_CHECK_TRIES } from '../../protocol/limits.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { endJob } from '../jobs/endJob.ts'
import { isModelNeeded } from '../jobs/isModelNeeded.ts'
import { ALICE } from '../placement/fakeTab.ts'
import { AnswersFixture } from './fixtureAnswers.ts'

const gone = { code: 'model_not_found' }

/** The last of its tokens is another. */
const wrongToken = (outputs: Tensor[]): Tensor[] =>
  outputs.map((tensor) => {
    if (tensor.name !== 'ids') return tensor
    const bytes = tensor.bytes.slice()
    bytes[bytes.length - 4]! ^= 1
    return { ...tensor, bytes }
  })

const ways = [
  ['in one tab', [[0, 2]]],
  [
    'over a ring',
    [
      [0, 0],
      [1, 1],
      [2, 2],
    ],
  ],
] as [string, [number, number][]][]

/** The operator removes the model; its files are there for the checks. */
const remove = (world: AnswersFixture): void => world.core.answers.modelsChanged(() => false)

/** Whether its files are still needed. */
const isNeeded = ({ core, model }: AnswersFixture): boolean => isModelNeeded(core, model.hash)

describe('a model that is removed in mid-answer', () => {
  it.each(ways)(
    '[X2] ends an answer %s at once: nothing is charged, no tab blamed, each told, and paid by the operator',
    async (_, runs) => {
      const world = new AnswersFixture()
      const tabs = runs.map((run) => world.tab(run))
      const job = await world.ask(world.request(50))
      let steps = 0
      await world.work((tab) => {
        if (tab.hand[0]!.spec.kind === 'generate') tab.stream()
        return tab.hand[0]!.spec.kind === 'generate' || ++steps > 20 ? 'leave' : undefined
      })
      expect(world.heardIds().length).toBeGreaterThan(0)
      const inHand = tabs.flatMap((tab) => tab.hand.map((lease) => ({ tab, lease })))
      remove(world)
      expect([job.ended, job.error!.message]).toEqual([
        'failed',
        'The model fake-chat was removed from this relay before its answer was done.',
      ])
      expect(job.error).toMatchObject(gone)
      for (const { tab, lease } of inHand) {
        expect(tab.messagesOf('cancel')).toHaveLength(1)
        // What a tab says of the model that it gives up has no effect.
        tab.fail(lease)
      }
      await world.fixture.settle()
      expect([world.core.ledger.payee(ALICE).rejected, world.fixture.snapshotOfAttempts()]).toEqual([0, []])
      expect([world.fixture.balance('local'), world.core.reserved.size]).toEqual([0, 0])
      const verdicts = tabs.flatMap((tab) => tab.verdicts)
      const checked = runs.length === 1 ? 'text-scored' : 'recomputed'
      expect(verdicts.map(({ verdict }) => verdict)).toEqual(tabs.map(() => checked))
      expect(world.fixture.credit(ALICE)).toBeGreaterThan(0)
      expect([-world.fixture.balance('operator'), world.fixture.reports]).toEqual([
        world.fixture.credit(ALICE),
        [],
      ])
      expect(isNeeded(world)).toBe(false)
      world.fixture.audit()
    },
  )

  /** An answer of which all is made, and whose checks take until they are released. */
  async function made(runs: [number, number][], { readAlong = true, wrong = false } = {}) {
    const world = new AnswersFixture()
    const tabs = runs.map((run) => world.tab(run))
    const waits = Promise.withResolvers<void>()
    world.fixture.checker.wait = waits.promise
    const job = await world.ask(world.request(4), { readAlong })
    await world.work((tab) => {
      if (!wrong || tab !== tabs.at(-1)) return
      tab.work(tab.hand[0], wrongToken)
      return 'done'
    })
    return { world, tabs, job, release: waits.resolve }
  }

  it.each(ways)('[X2] leaves an answer %s alone that only waits for its verdicts', async (_, runs) => {
    const { world, tabs, job, release } = await made(runs)
    expect([job.ended, world.heard.at(-1)!.end]).toMatchObject([null, { finish: 'length' }])
    remove(world)
    expect([job.ended, isNeeded(world)]).toEqual([null, true])
    release()
    await world.fixture.settle()
    expect(isNeeded(world)).toBe(false)
    expect(job).toMatchObject({ ended: 'done', error: null })
    const { verdicts } = tabs[0]!
    expect(verdicts).toMatchObject([{ verdict: runs.length === 1 ? 'text-scored' : 'recomputed' }])
    expect(-world.fixture.balance('local')).toBe(world.fixture.credit(ALICE))
    expect(world.fixture.credit(ALICE)).toBeGreaterThan(0)
    expect([world.core.reserved.size, world.core.answers.keptBytes]).toEqual([0, 0])
    world.fixture.audit()
  })

  it.each(ways)('ends one %s that is found wrong then: it is not made again', async (_, runs) => {
    const { world, job, release } = await made(runs, { readAlong: false, wrong: true })
    remove(world)
    expect([job.ended, isNeeded(world)]).toEqual([null, true])
    release()
    await world.fixture.settle()
    expect(isNeeded(world)).toBe(false)
    expect(job.error).toMatchObject(gone)
    expect(world.core.ledger.payee(ALICE).rejected).toBeGreaterThan(0)
    expect([world.fixture.balance('local'), world.core.reserved.size]).toEqual([0, 0])
    world.fixture.audit()
  })

  it.each(ways)('is needed by an answer %s that was left until it has its verdicts', async (_, runs) => {
    const { world, tabs, job, release } = await made(runs)
    endJob(world.core, job, 'cancelled', { error: new OpentabError('cancelled') })
    await world.fixture.settle()
    remove(world)
    expect([world.core.jobs.size, isNeeded(world)]).toEqual([0, true])
    release()
    await world.fixture.settle()
    expect(isNeeded(world)).toBe(false)
    expect(tabs.every(({ verdicts }) => verdicts.length === 1)).toBe(true)
  })

  it.each(ways)('is not needed by an answer %s whose check is given up', async (_, runs) => {
    const { world, tabs, job, release } = await made(runs)
    world.fixture.checker.broken = new OpentabError('wrong_hash')
    endJob(world.core, job, 'cancelled', { error: new OpentabError('cancelled') })
    release()
    await world.fixture.settle()
    for (let tries = 1; tries < MAX_CHECK_TRIES; tries++) {
      expect(isNeeded(world)).toBe(true)
      world.fixture.clock.advance(1_000)
      await world.fixture.settle()
    }
    expect([isNeeded(world), tabs.flatMap(({ verdicts }) => verdicts)]).toEqual([false, []])
  })

  it.each(ways)('whose files are gone as well pays nothing for an answer %s', async (_, runs) => {
    const { world, job, release } = await made(runs)
    const broken = new OpentabError('model_not_found', 'The model is not served here any more.')
    world.fixture.checker.broken = broken
    remove(world)
    release()
    for (let tries = 0; tries < MAX_CHECK_TRIES; tries++) {
      await world.fixture.settle()
      world.fixture.clock.advance(1_000)
    }
    await world.fixture.settle()
    expect(job.error).toMatchObject({ code: 'check_unavailable' })
    expect([world.fixture.credit(ALICE), world.core.reserved.size]).toEqual([0, 0])
    world.fixture.audit()
  })

  it('ends one that waits for a tab', async () => {
    const world = new AnswersFixture()
    const job = await world.ask(world.request(2))
    world.core.answers.modelsChanged(() => false)
    await world.fixture.settle()
    expect(job.error).toMatchObject(gone)
  })

  it('leaves answers of other models alone', async () => {
    const world = new AnswersFixture()
    world.tab()
    const job = await world.ask(world.request(2))
    world.core.answers.modelsChanged((hash) => hash === world.model.hash)
    await world.work()
    expect(job.ended).toBe('done')
  })
})
