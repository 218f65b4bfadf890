import { describe, expect, it } from 'vitest'
import { ANSWER_CHECKS_HIGH_WATER } from '../../protocol/limits.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { ALICE, BOB, CAROL } from '../placement/fakeTab.ts'
import { idsTensor } from './answerTensors.ts'
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
