import { describe, expect, it } from 'vitest'
import { readMadeTokens } from '../../protocol/madeTokens.ts'
import { endJob } from '../jobs/endJob.ts'
import { ALICE, BOB, CAROL } from '../placement/fakeTab.ts'
import type { LanguageTab } from '../placement/languageTab.ts'
import { fakeAnswer } from './fakeLanguage.ts'
import { AnswersFixture } from './fixtureAnswers.ts'

const PROMPT = [7, 8, 9]

/** A tab leaves with its lease, of which it has streamed tokens. */
async function lose(world: AnswersFixture, tab: LanguageTab): Promise<void> {
  tab.say({ type: 'leaving' })
  tab.cut()
  world.tabs.splice(world.tabs.indexOf(tab), 1)
  await world.fixture.settle()
}

describe('what a lost tab streamed', () => {
  it.each([
    [
      'too many',
      [
        [0, -1],
        [1, -2],
      ],
    ],
    ['none', []],
    ['one that the model does not have', [[1000, -1]]],
  ] as [string, [number, number][]][])(
    '[G2] is left alone where its alternatives are %s: nobody else is judged by them',
    async (_, top) => {
      const world = new AnswersFixture()
      const first = world.tab()
      const request = world.request(6, PROMPT, { topLogprobs: 1 })
      const job = await world.ask(request)
      const { ids } = fakeAnswer(world.model, PROMPT, request.options)
      const { task, generation } = first.hand[0]!
      const logprobs = [[-((ids[0]! % 7) + 1) / 8, top]] as [number, [number, number][]][]
      first.say({ type: 'tokens', task, generation, from: 0, ids: [ids[0]!], logprobs })
      expect(world.heard).toEqual([])
      await lose(world, first)
      const check = world.fixture.checker.check.bind(world.fixture.checker)
      const scored: (number[] | undefined)[] = []
      world.fixture.checker.check = (spec, outputs, ...rest) => {
        scored.push(readMadeTokens(outputs).logprobs?.map(([, alternatives]) => alternatives.length))
        return check(spec, outputs, ...rest)
      }
      world.tab(undefined, { address: BOB })
      await world.work()
      expect(job.ended).toBe('done')
      expect(scored).toEqual([[1, 1, 1, 1, 1, 1]])
    },
  )

  it('[G7] is said to be scored where a later token was found wrong', async () => {
    const world = new AnswersFixture()
    const first = world.tab()
    const job = await world.ask(world.request(8, PROMPT))
    first.stream(first.hand[0], 0, 2)
    first.handBack('pause')
    first.say({ type: 'state', state: 'paused' })
    await world.fixture.settle()
    const second = world.tab(undefined, { address: CAROL })
    await world.fixture.settle()
    const { task, generation } = second.hand[0]!
    second.say({ type: 'tokens', task, generation, from: 2, ids: [999] })
    endJob(world.core, job, 'cancelled', {})
    await world.fixture.settle()
    expect(first.verdicts).toMatchObject([{ verdict: 'text-scored' }])
    expect(second.verdicts).toMatchObject([{ verdict: 'rejected' }])
    expect(world.core.ledger.payee(ALICE).rejected).toBe(0)
  })
})
