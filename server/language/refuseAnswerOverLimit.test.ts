import { describe, expect, it } from 'vitest'
import { microCreditsOf } from '../../protocol/limits.ts'
import { answerOperations } from './answerCost.ts'
import { AnswersFixture } from './fixtureAnswers.ts'

const PROMPT = [1, 2, 3, 4, 5, 6]

describe.each([
  ['in one tab', [[0, 2]]],
  [
    'over a ring',
    [
      [0, 1],
      [2, 2],
    ],
  ],
] as const)('an answer %s that the key cannot pay', (_, runs) => {
  async function ask(limitOf: (world: AnswersFixture) => number, maxTokens: number) {
    const world = new AnswersFixture()
    for (const [index, [first, last]] of runs.entries())
      world.tab([first, last], { address: `0x${String(index + 1).repeat(40)}` })
    const made = world.fixture.keys.create('a', limitOf(world))
    await world.fixture.settle()
    const job = await world.ask(world.request(maxTokens, PROMPT), { requester: `key:${(await made).id}` })
    await world.fixture.settle()
    return job
  }
  const costOf = (world: AnswersFixture, tokens: number): number =>
    microCreditsOf(answerOperations(world.model.manifest.language, PROMPT.length, tokens))

  it('names max_tokens and the most tokens that it can pay, which are then taken', async () => {
    const job = await ask((world) => costOf(world, 5), 900)
    expect(job.error).toMatchObject({ code: 'insufficient_quota' })
    expect(job.error!.message).toMatch(
      /^A prompt of 6 tokens and an answer of up to 900 cost \d+ micro-credits; the key has/,
    )
    expect(job.error!.fix).toMatch(/^Limit the answer to 5 tokens or fewer \(max_tokens;/)
    expect((await ask((world) => costOf(world, 5), 5)).error).toBeNull()
    expect((await ask((world) => costOf(world, 5), 6)).error?.fix).toMatch(/^Limit the answer to 5 tokens/)
  })

  it('says that no shorter answer would do where the prompt is too much', async () => {
    const job = await ask((world) => costOf(world, 1) - 1, 900)
    expect(job.error!.fix).toMatch(
      /^One token of answer would be too much as well: shorten the prompt, or ask/,
    )
  })
})
