import { describe, expect, it } from 'vitest'
import { microCreditsOf } from '../../protocol/limits.ts'
import { elementsOf, type Tensor } from '../../protocol/tensor.ts'
import { endJob } from '../jobs/endJob.ts'
import { ALICE, BOB, CAROL } from '../placement/fakeTab.ts'
import type { LanguageTab } from '../placement/languageTab.ts'
import { answerOperations, leaseOperations } from './answerCost.ts'
import { idsTensor } from './answerTensors.ts'
import { AnswersFixture } from './fixtureAnswers.ts'

const PROMPT = Array.from({ length: 100 }, (_, i) => (i * 7) % 1000)

/** A world whose checks wait until they are let go on. */
function heldChecks(): { world: AnswersFixture; goOn: () => Promise<void> } {
  const world = new AnswersFixture()
  let open = (): void => {}
  world.fixture.checker.wait = new Promise((resolve) => {
    open = resolve
  })
  const goOn = async (): Promise<void> => {
    open()
    await world.fixture.settle()
    world.fixture.audit()
    expect([world.core.reserved.size, world.core.openInputBytes, world.core.checkingAnswers]).toEqual([
      0, 0, 0,
    ])
  }
  return { world, goOn }
}

/** The newest tab of a world leaves with its lease, of which it has streamed tokens. */
async function lose(world: AnswersFixture): Promise<void> {
  const tab = world.tabs.pop()!
  tab.say({ type: 'leaving' })
  tab.cut()
  await world.fixture.settle()
}

/** The outputs with a wrong last token. */
const wrongEnd = ([ids, ...others]: Tensor[]): Tensor[] => [
  idsTensor('ids', [...(elementsOf(ids!) as Int32Array).subarray(0, -1), 999]),
  ...others,
]

const sayWrong = (tab: LanguageTab, from: number): void => {
  const { task, generation } = tab.hand[0]!
  tab.say({ type: 'tokens', task, generation, from, ids: [999] })
}

const priceOf = (world: AnswersFixture, from: number, to: number, prompt: boolean): number =>
  microCreditsOf(leaseOperations(world.model.manifest.language, PROMPT.length, { from, to, prompt }))

describe('a result whose verdict comes after the end of its job', () => {
  it('[X2] frees what was held for it when it is wrong', async () => {
    const { world, goOn } = heldChecks()
    const tab = world.tab()
    const job = await world.ask(world.request(5, PROMPT))
    tab.stream()
    tab.work(tab.hand[0], wrongEnd)
    await world.fixture.settle()
    endJob(world.core, job, 'cancelled', {})
    await goOn()
    expect([world.core.ledger.payee(ALICE).rejected, world.fixture.balance('local')]).toEqual([1, 0])
    expect(tab.verdicts).toMatchObject([{ verdict: 'rejected' }])
  })

  it('[X2] leaves those unharmed who streamed rightly before it when it is wrong: they are paid', async () => {
    const { world, goOn } = heldChecks()
    const first = world.tab()
    const job = await world.ask(world.request(5, PROMPT))
    first.stream(first.hand[0], 0, 2)
    await lose(world)
    const second = world.tab(undefined, { address: BOB })
    second.work(second.hand[0], wrongEnd)
    await world.fixture.settle()
    endJob(world.core, job, 'cancelled', {})
    await goOn()
    const price = priceOf(world, 0, 2, true)
    expect([world.fixture.credit(ALICE), world.fixture.balance('local')]).toEqual([price, -price])
    expect([world.core.ledger.payee(ALICE).rejected, world.core.ledger.payee(BOB).rejected]).toEqual([0, 1])
  })

  it('[X2] costs a requester nothing who heard nothing: the operator pays all who made it', async () => {
    const { world, goOn } = heldChecks()
    const first = world.tab()
    const job = await world.ask(world.request(6, PROMPT), { readAlong: false })
    first.stream(first.hand[0], 0, 2)
    await lose(world)
    world.tab(undefined, { address: BOB }).work()
    await world.fixture.settle()
    endJob(world.core, job, 'cancelled', {})
    await goOn()
    expect([world.fixture.credit(ALICE), world.fixture.credit(BOB)]).toEqual([
      priceOf(world, 0, 2, false),
      priceOf(world, 2, 6, true),
    ])
    expect(world.fixture.balance('local')).toBe(0)
  })

  it('[X2] costs a requester nothing who heard nothing where one of those who made it was wrong', async () => {
    const { world, goOn } = heldChecks()
    const first = world.tab()
    const job = await world.ask(world.request(8, PROMPT), { readAlong: false })
    first.stream(first.hand[0], 0, 2)
    await lose(world)
    sayWrong(world.tab(undefined, { address: CAROL }), 2)
    await lose(world)
    world.tab(undefined, { address: BOB }).work()
    await world.fixture.settle()
    endJob(world.core, job, 'cancelled', {})
    await goOn()
    expect([world.fixture.credit(ALICE), world.fixture.credit(BOB), world.fixture.credit(CAROL)]).toEqual([
      priceOf(world, 0, 2, false),
      0,
      0,
    ])
    expect([world.core.ledger.payee(CAROL).rejected, world.fixture.balance('local')]).toEqual([1, 0])
  })

  describe('where the job failed by another of its answers', () => {
    /** Two answers of one job: one is handed in, the other fails three times. */
    const failBeside = async (bend: (outputs: Tensor[]) => Tensor[]) => {
      const { world, goOn } = heldChecks()
      const tab = world.tab()
      const job = await world.ask([world.request(5, PROMPT), world.request(5, [1, 2, 3])])
      const whole = tab.hand.find(({ spec }) => spec.inputs[0]!.shape[0] === PROMPT.length)!
      tab.work(whole, bend)
      for (let tries = 0; tries < 3; tries++) {
        await world.fixture.settle()
        tab.fail(tab.hand[0]!)
        tab.hand = tab.hand.slice(1)
      }
      await world.fixture.settle()
      expect(job.ended).toBe('failed')
      await goOn()
      return { world, tab }
    }

    it('[X2] is paid by the operator', async () => {
      const { world } = await failBeside((outputs) => outputs)
      const price = microCreditsOf(answerOperations(world.model.manifest.language, PROMPT.length, 5))
      expect([world.fixture.credit(ALICE), world.fixture.balance('local')]).toEqual([price, 0])
    })

    it('[G7] is rejected when it is wrong', async () => {
      const { world, tab } = await failBeside(wrongEnd)
      expect([world.fixture.credit(ALICE), world.core.ledger.payee(ALICE).rejected]).toEqual([0, 1])
      expect(tab.verdicts).toMatchObject([{ verdict: 'rejected' }])
    })
  })
})
