import { describe, expect, it } from 'vitest'
import { readMadeTokens } from '../../protocol/madeTokens.ts'
import { endJob } from '../jobs/endJob.ts'
import { ALICE, BOB, CAROL } from '../placement/fakeTab.ts'
import type { LanguageTab } from '../placement/languageTab.ts'
import { idsTensor } from './answerTensors.ts'
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

describe('a result where all tokens were streamed before, one of which was left to make again', () => {
  /** An answer of three tokens that Alice streamed and lost, given to Bob. */
  const allStreamed = async (last?: number) => {
    const world = new AnswersFixture()
    const first = world.tab()
    const request = world.request(3, PROMPT)
    const job = await world.ask(request, { readAlong: last === undefined })
    first.stream(first.hand[0], 0, last === undefined ? 3 : 2)
    const { task, generation } = first.hand[0]!
    if (last !== undefined) first.say({ type: 'tokens', task, generation, from: 2, ids: [last] })
    await lose(world, first)
    const { ids } = fakeAnswer(world.model, PROMPT, request.options)
    const rejected = () => [ALICE, BOB].map((address) => world.core.ledger.payee(address).rejected)
    return { world, job, ids, second: world.tab(undefined, { address: BOB }), rejected }
  }

  it('[G7] is rejected when it leaves that token out: the answer is another tab’s to end, and nobody hears of its end', async () => {
    const { world, job, ids, second, rejected } = await allStreamed()
    second.work(second.hand[0], () => [idsTensor('ids', ids.slice(0, 2)), idsTensor('finish', [0])])
    await world.fixture.settle()
    expect([rejected(), world.fixture.credit(BOB), world.heard.some(({ end }) => end)]).toEqual([
      [0, 1],
      0,
      false,
    ])
    world.tab(undefined, { address: CAROL })
    await world.work()
    expect(world.answersOf(job)[0]).toMatchObject({ ids, finish: 'length' })
    expect(world.heard.at(-1)!.end).toMatchObject({ finish: 'length' })
    world.fixture.audit()
  })

  it('[G7] has its end looked at', async () => {
    const { world, second, rejected } = await allStreamed()
    const ends: boolean[] = []
    const check = world.fixture.checker.check.bind(world.fixture.checker)
    world.fixture.checker.check = (spec, outputs, ...rest) => {
      ends.push(outputs.some(({ name }) => name === 'finish'))
      return check(spec, outputs, ...rest)
    }
    second.work()
    await world.fixture.settle()
    expect([ends, rejected()]).toEqual([[true], [0, 0]])
  })

  it('[G7] leaves its tab unharmed when the streamed token was wrong, and another is made in its place', async () => {
    const { world, job, ids, second, rejected } = await allStreamed(999)
    second.work()
    await world.work()
    expect(world.answersOf(job)[0]).toMatchObject({ ids, finish: 'length' })
    expect(rejected()).toEqual([1, 0])
    world.fixture.audit()
  })

  it('[G7] is as right as what was streamed where either token may be picked', async () => {
    const { world, job, ids, second, rejected } = await allStreamed()
    world.fixture.checker.check = async () => ({ ok: true, verdict: 'text-scored' })
    second.work(second.hand[0], () => [idsTensor('ids', ids.slice(0, 2)), idsTensor('finish', [0])])
    await world.fixture.settle()
    expect(world.answersOf(job)[0]).toMatchObject({ ids, finish: 'length' })
    expect([rejected(), world.heard.at(-1)!.end]).toMatchObject([[0, 0], { finish: 'length' }])
    world.fixture.audit()
  })
})
