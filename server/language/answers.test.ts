import { describe, expect, it } from 'vitest'
import { ANSWER_CHECKS_HIGH_WATER } from '../../protocol/limits.ts'
import type { StageTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { ALICE, BOB, CAROL } from '../placement/fakeTab.ts'
import type { LanguageTab } from '../placement/languageTab.ts'
import { idsTensor } from './answerTensors.ts'
import { fakeAnswer } from './fakeLanguage.ts'
import { AnswersFixture } from './fixtureAnswers.ts'

it('asks for no draw but of the address whose work it is, as that address stands', async () => {
  const drawnAt: number[] = []
  const world = new AnswersFixture(
    {},
    {
      drawCheck: (verified) => {
        drawnAt.push(verified)
        return false
      },
    },
  )
  for (const address of [ALICE, BOB]) world.core.ledger.payee(address).verifiedSinceReset = 10
  world.tab([0, 1])
  world.tab([2, 2], { address: BOB })
  const job = await world.ask(world.request(4))
  await world.work()
  expect(job.ended).toBe('done')
  expect(drawnAt).toEqual([10, 10])
})

describe('an answer that waits for a tab with the whole model goes over a ring that stands ready', () => {
  const wrongValue = (outputs: Tensor[]): Tensor[] => [idsTensor('ids', [999, 999, 999]), ...outputs.slice(1)]
  const wrongForm = (outputs: Tensor[]): Tensor[] => outputs.slice(1)

  it.each([
    ['wrong tokens', wrongValue],
    ['a wrong form', wrongForm],
  ])('when the only one that has it hands in %s', async (_, bend) => {
    const world = new AnswersFixture()
    const whole = world.tab(undefined, { address: BOB })
    for (const stage of [0, 1, 2]) world.tab([stage, stage], { address: CAROL })
    const job = await world.ask(world.request(3), { readAlong: false })
    whole.work(whole.hand[0], bend)
    await world.work()
    expect([job.ended, job.error]).toEqual(['done', null])
    expect([world.core.ledger.payee(BOB).rejected, world.core.ledger.payee(CAROL).rejected]).toEqual([1, 0])
    world.fixture.audit()
  })

  it('when the only one that has it left while too many answers waited for their checks', async () => {
    const world = new AnswersFixture()
    let goOn = (): void => {}
    world.fixture.checker.wait = new Promise((resolve) => {
      goOn = resolve
    })
    const whole = world.tab()
    for (let n = 0; n <= ANSWER_CHECKS_HIGH_WATER; n++) {
      await world.ask(world.request(2))
      whole.work()
    }
    await world.fixture.settle()
    for (const stage of [0, 1, 2]) world.tab([stage, stage], { address: BOB })
    const next = await world.ask(world.request(2))
    whole.say({ type: 'leaving' })
    whole.cut()
    world.tabs.shift()
    await world.work()
    expect(next.ended).toBeNull()
    goOn()
    await world.work()
    expect([next.ended, next.error]).toEqual(['done', null])
    world.fixture.audit()
  })
})

describe('[S7] steps of a ring that are found wrong when one tab has gone on with its answer', () => {
  const bent = ([hidden]: Tensor[]): Tensor[] => {
    const bytes = hidden!.bytes.slice()
    bytes[0]! ^= 1
    return [{ ...hidden!, bytes }]
  }

  it('take nothing back of what was made anew since', async () => {
    const world = new AnswersFixture()
    const wrong = [0, 1].map((stage) => world.tab([stage, stage], { address: CAROL }))
    const last = world.tab([2, 2], { address: ALICE })
    const request = world.request(2)
    const job = await world.ask(request, { readAlong: false })
    await world.work((tab) => {
      if (tab === last && (tab.hand[0]!.spec as StageTask).position > 0) return 'leave'
      if (!wrong.includes(tab)) return
      tab.work(tab.hand[0], bent)
      return 'done'
    })
    const whole = world.tab(undefined, { address: BOB })
    await world.work()
    expect(wrong.map(({ verdicts }) => verdicts.map(({ verdict }) => verdict))).toEqual([
      ['rejected'],
      ['rejected'],
    ])
    expect([job.ended, world.fixture.commitFailures]).toEqual(['done', []])
    expect(world.answersOf(job)).toMatchObject([fakeAnswer(world.model, request.prompt, request.options)])
    expect(whole.verdicts).toHaveLength(1)
    world.fixture.audit()
  })

  it('end it, where it was made from their tokens and is on disk', async () => {
    const world = new AnswersFixture()
    const ring = [ALICE, CAROL, ALICE].map((address, stage) => world.tab([stage, stage], { address }))
    const job = await world.ask(world.request(6), { readAlong: false })
    // The verdict on the earlier fault comes late.
    const { checker } = world.fixture
    let goOn = (): void => {}
    const late = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const check = checker.check.bind(checker)
    checker.check = (spec, ...rest) =>
      spec.kind === 'stage' && spec.first === 1 ? late.then(() => check(spec, ...rest)) : check(spec, ...rest)
    const workTo = (position: number, fault: (tab: LanguageTab) => boolean): Promise<void> =>
      world.work((tab) => {
        if ((tab.hand[0]!.spec as StageTask).position >= position) return 'leave'
        if (!fault(tab)) return
        tab.work(tab.hand[0], bent)
        return 'done'
      })
    const leave = async (tab: LanguageTab): Promise<void> => {
      tab.say({ type: 'leaving' })
      tab.cut()
      world.tabs.splice(world.tabs.indexOf(tab), 1)
      await world.fixture.settle()
    }
    // All its steps are bent: whichever is drawn is found wrong.
    await workTo(5, (tab) => tab === ring[1])
    await leave(ring[0]!)
    const second = world.tab([0, 0], { address: BOB })
    await workTo(
      7,
      (tab) => tab === ring[1] || (tab === second && (tab.hand[0]!.spec as StageTask).position >= 5),
    )
    const whole = world.tab(undefined, { address: ALICE })
    second.hand = []
    await leave(second)
    await world.work()
    expect([whole.verdicts.map(({ verdict }) => verdict), job.ended]).toEqual([['text-scored'], null])
    goOn()
    await world.work()
    expect([job.ended, job.error?.code, world.fixture.commitFailures]).toEqual(['failed', 'task_failed', []])
    expect([world.fixture.balance('local'), world.core.reserved.size]).toEqual([0, 0])
    expect(world.core.ledger.payee(CAROL).rejected).toBe(1)
    world.fixture.audit()
  })
})
