import { describe, expect, it } from 'vitest'
import type { AnswerChunk } from './answer.ts'
import { AnswerState } from './answerState.ts'
import { AnswersFixture } from './fixtureAnswers.ts'

async function state(onChunk: ((chunk: AnswerChunk) => void) | null) {
  const world = new AnswersFixture()
  const job = await world.fixture.submit({ tasks: 1 })
  const { prompt, options } = world.request(20)
  const request = { model: world.model, prompt, options }
  const made = new AnswerState(world.core, job, 0, request, { outputs: null, attempts: undefined }, onChunk)
  made.add([1, 2, 3, 4, 5], undefined)
  return { world, job, made }
}

describe('tokens that come from wrong steps', () => {
  it('are taken back where nobody heard them: as many as the earliest wrong step spoilt', async () => {
    const { made } = await state(null)
    expect([made.isWrong, made.takeBackWrong()]).toEqual([false, null])
    made.foundWrong(4, 'late')
    made.foundWrong(2, 'early')
    made.foundWrong(3, 'between')
    expect([made.isWrong, made.takeBackWrong(), made.ids, made.isWrong]).toEqual([true, null, [1, 2], false])
  })

  it('are left alone where they were taken back already and made anew', async () => {
    const { made } = await state(null)
    const since = made.cuts
    made.truncate(2)
    made.add([6, 7, 8], undefined)
    made.foundWrong(2, 'late', since)
    expect(made.isWrong).toBe(false)
    made.foundWrong(1, 'what they follow from', since)
    expect([made.takeBackWrong(), made.ids]).toEqual([null, [1]])
  })

  it('end the answer where somebody heard them', async () => {
    const heard: number[] = []
    const { made } = await state(({ ids }) => heard.push(...ids))
    made.foundWrong(5, 'after all')
    expect(made.takeBackWrong()).toBeNull()
    made.foundWrong(4, 'the last one')
    expect(made.takeBackWrong()?.message).toBe('A step of the answer was found wrong: the last one')
    expect([made.ids.length, heard.length]).toEqual([5, 5])
  })

  it('end it also where only its end was heard', async () => {
    const { made } = await state(() => {})
    made.made('length')
    made.foundWrong(5, 'the end')
    expect(made.takeBackWrong()).toMatchObject({ code: 'task_failed' })
  })
})

describe('what is held of the requester’s money', () => {
  it('is not asked for again where most of it was paid', async () => {
    const { world, job, made } = await state(null)
    const key = world.fixture.keys.create('a', 100)
    await world.fixture.settle()
    const { id } = await key
    job.requester = `key:${id}`
    made.reserve(90)
    made.release(80)
    made.reserve(90)
    made.release()
    made.reserve(90)
    expect(world.core.reserved.get(job.requester)).toBeUndefined()
  })

  it('is held anew after all of it was given free for another way', async () => {
    const { world, made } = await state(null)
    const before = world.core.reserved.get('local') ?? 0
    made.reserve(100)
    made.releaseAll()
    expect(world.core.reserved.get('local') ?? 0).toBe(before)
    made.reserve(70)
    expect(world.core.reserved.get('local')).toBe(before + 70)
  })

  it('is held once, and given free as it is paid, never more than there is', async () => {
    const { world, made } = await state(null)
    const before = world.core.reserved.get('local') ?? 0
    const held = (): number => (world.core.reserved.get('local') ?? 0) - before
    made.reserve(100)
    made.reserve(100)
    made.release(30)
    expect(held()).toBe(70)
    made.release(100)
    made.release()
    expect(held()).toBe(0)
  })
})
