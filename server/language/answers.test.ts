import { expect, it } from 'vitest'
import { ALICE, BOB } from '../placement/fakeTab.ts'
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
