import { describe, expect, it } from 'vitest'
import { AnswersFixture } from './fixtureAnswers.ts'
import { fakeAnswer } from './fakeLanguage.ts'

describe('an answer over a ring of tabs', () => {
  it('is the same as in one tab', async () => {
    const world = new AnswersFixture()
    for (const stage of [0, 1, 2]) world.tab([stage, stage], { address: undefined })
    const request = world.request(5)
    const job = await world.ask(request)
    await world.work()
    expect(job.error).toBeNull()
    expect(job.ended).toBe('done')
    expect(world.answersOf(job)[0]).toMatchObject(fakeAnswer(world.model, request.prompt, request.options))
    expect(world.heardIds()).toEqual(world.answersOf(job)[0]!.ids)
    world.fixture.audit()
  })
})
