import { describe, expect, it } from 'vitest'
import { AnswersFixture } from '../language/fixtureAnswers.ts'
import { modelHolders } from './languageHolders.ts'

// 150 MB of weights a stage take 200 MB of a tab's memory; 75 % of it are for weights.
const SIZES = { stageBytes: 150e6, contextTokens: 10 }
const none = { ranges: [], memoryBytes: 199e6 } as { ranges: []; memoryBytes: number }
const WORDS =
  'none of the 2 connected tabs gives the memory that a part of it takes: 200 MB for the largest, 600 MB for all of it.'

describe('where no connected tab has memory for any part of a language model', () => {
  it('[P4] a call fails at once, and says what a tab must give', async () => {
    const world = new AnswersFixture(SIZES)
    for (let i = 0; i < 2; i++) world.tab(undefined, none)
    const job = await world.ask(world.request(2))
    await world.fixture.settle()
    expect(job.error).toMatchObject({ code: 'no_tab_available' })
    expect(job.error!.message).toBe(`No tab can answer with fake-chat: ${WORDS}`)
    expect(job.error!.fix).toContain('--memory')
  })

  it('[P4] a call that waits already waits on when the last tab that could hold a part has gone, and then says so', async () => {
    const world = new AnswersFixture(SIZES)
    world.tab(undefined, none)
    const roomy = world.tab(undefined, { ranges: [], memoryBytes: 200e6 })
    const job = await world.ask(world.request(2))
    roomy.say({ type: 'leaving' })
    await world.fixture.settle()
    expect(job.error).toBeNull()
    world.fixture.clock.advance(30_000)
    await world.fixture.settle()
    expect(job.error!.message).toMatch(
      /^No tab came free for fake-chat within 30000 ms; the connected tab does not give the memory that a part/,
    )
  })

  it.each([
    ['a tab is still loading what fits it', [{ ranges: [], memoryBytes: 200e6 }, none]],
    ['no tab gives memory', [{ ranges: [], memoryBytes: 0 }]],
    ['no tab is connected', []],
  ] as const)('[P4] a call waits as usual where %s', async (_, tabs) => {
    const world = new AnswersFixture(SIZES)
    for (const options of tabs) world.tab(undefined, { ...options, ranges: [] })
    const job = await world.ask(world.request(2))
    await world.fixture.settle()
    expect(job.error).toBeNull()
    world.fixture.clock.advance(30_000)
    await world.fixture.settle()
    expect(job.error?.message).toMatch(/^No tab came free for fake-chat within 30000 ms/)
  })

  it('a job in the background waits on', async () => {
    const world = new AnswersFixture(SIZES)
    world.tab(undefined, none)
    const job = await world.ask(world.request(2), { mode: 'background' })
    await world.fixture.settle()
    expect(job.ended).toBeNull()
  })

  it('the lists of models say what memory is wanted, and only then', () => {
    const world = new AnswersFixture(SIZES)
    world.tab(undefined, none)
    expect(modelHolders(world.core, world.model)).toMatchObject({ mode: 'none', memoryWanted: 200e6 })
    world.tab([0, 0])
    expect(modelHolders(world.core, world.model)).not.toHaveProperty('memoryWanted')
  })
})

it('where a stage that nobody holds fits no connected tab, the refusal says what it takes', async () => {
  const world = new AnswersFixture(SIZES)
  const { stages } = world.model.manifest.language
  stages[2]!.expandedBytes = 300e6
  world.tab([0, 1], { memoryBytes: 399e6 })
  const job = await world.ask(world.request(2))
  world.fixture.clock.advance(30_000)
  await world.fixture.settle()
  expect(job.error!.message).toBe(
    'No tab came free for fake-chat within 30000 ms; 0 tabs hold it whole, and 1 tab holds 2 of its 3 stages; no connected tab gives the 400 MB that the largest of the others takes.',
  )
})
