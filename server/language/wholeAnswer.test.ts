import { describe, expect, it } from 'vitest'
import { optionsOf } from '../../protocol/generation.ts'
import { microCreditsOf } from '../../protocol/limits.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { elementsOf } from '../../protocol/tensor.ts'
import { endJob } from '../jobs/endJob.ts'
import { isReceiptDue, receiptsDue, receiptsOf } from '../jobs/jobReceipts.ts'
import { parseReceiptId } from '../jobs/jobRecords.ts'
import { rescueLeases } from '../maintenance/leaseRescuer.ts'
import { endOverdueJobs } from '../maintenance/queueWait.ts'
import { ALICE, BOB, CAROL } from '../placement/fakeTab.ts'
import type { LanguageTab } from '../placement/languageTab.ts'
import { RESUME_GRACE_MS } from '../placement/tabRegistry.ts'
import { answerOperations, leaseOperations } from './answerCost.ts'
import { idsTensor } from './answerTensors.ts'
import { fakeAnswer } from './fakeLanguage.ts'
import { AnswersFixture } from './fixtureAnswers.ts'

const PROMPT = Array.from({ length: 100 }, (_, i) => (i * 7) % 1000)

/** The outputs with some of their ids changed. */
const withIds =
  (change: (ids: number[]) => number[]) =>
  (outputs: Tensor[]): Tensor[] => [
    idsTensor('ids', change([...(elementsOf(outputs[0]!) as Int32Array)])),
    ...outputs.slice(1),
  ]

describe('an answer in one tab', () => {
  it('[G3] shows its tokens as they come, and is done when its result is verified', async () => {
    const world = new AnswersFixture()
    const tab = world.tab()
    const request = world.request(6, PROMPT)
    const job = await world.ask(request)
    const { ids } = fakeAnswer(world.model, PROMPT, request.options)
    tab.stream()
    tab.stream(tab.hand[0], 1, 2)
    expect(world.heardIds()).toEqual(ids.slice(0, 3))
    expect(world.fixture.credit(ALICE)).toBe(0)
    tab.work()
    expect(world.heardIds()).toEqual(ids)
    expect(world.fixture.credit(ALICE)).toBe(0)
    await world.fixture.settle()
    expect(job.ended).toBe('done')
    expect(world.answersOf(job)).toEqual([
      { ids, finish: 'length', cachedTokens: 0, deviceClasses: [tab.tab.deviceClass] },
    ])
    world.fixture.audit()
  })

  it('[G7] is told to be whole before its check, once, and is done after it', async () => {
    const world = new AnswersFixture()
    const tab = world.tab()
    let checked = (): void => {}
    world.fixture.checker.wait = new Promise((resolve) => {
      checked = resolve
    })
    const job = await world.ask(world.request(3))
    tab.work()
    await world.fixture.settle()
    expect(world.heard.at(-1)).toMatchObject({ from: 3, ids: [], end: { finish: 'length', cachedTokens: 0 } })
    expect(job.ended).toBe(null)
    expect(receiptsOf(job)).toEqual([])
    const due = receiptsDue(job)
    expect(due).toHaveLength(1)
    const { task, generation } = parseReceiptId(due[0]!)!
    expect(isReceiptDue(world.core, { task, generation })).toBe(true)
    expect(isReceiptDue(world.core, { task, generation: generation + 1 })).toBe(false)
    expect(isReceiptDue(world.core, { task: task + 1, generation })).toBe(false)
    checked()
    await world.fixture.settle()
    expect(job.ended).toBe('done')
    expect(receiptsOf(job)).toEqual(due)
    expect(world.heard.filter(({ end }) => end)).toHaveLength(1)
  })

  it('[K8] goes only to a tab that holds all stages as one run, whatever it says of models', async () => {
    const world = new AnswersFixture()
    world.tab([0, 1])
    world.tab(undefined, { ranges: [[world.model.hash, 1, 2]] })
    world.tab(undefined, { ranges: [], ready: [world.model.hash] })
    world.tab(undefined, { ranges: [['ab'.repeat(32), 0, 2]] })
    const job = await world.ask(world.request(2))
    expect(world.tabs.flatMap(({ hand }) => hand).map(({ spec }) => spec.kind)).toEqual(['stage'])
    const whole = world.tab()
    await world.ask(world.request(2))
    expect(whole.hand.map(({ spec }) => spec.kind)).toEqual(['generate'])
    endJob(world.core, job, 'cancelled', {})
  })

  it('[K7] is given again when `ready` names the run, and not after it is named no more', async () => {
    const world = new AnswersFixture()
    const tab = world.tab(undefined, { ranges: [] })
    await world.ask(world.request(2))
    expect(tab.hand).toEqual([])
    tab.say({ type: 'ready', models: [], ranges: [[world.model.hash, 0, 2]] })
    await world.fixture.settle()
    expect(tab.hand).toHaveLength(1)
    tab.say({ type: 'ready', models: [] })
    await world.ask(world.request(2))
    expect(tab.hand).toHaveLength(1)
  })

  it('[K8] has at most four at once in a tab, beside other work, and spreads them over the tabs', async () => {
    const world = new AnswersFixture()
    const tabs = [world.tab(undefined, { kernels: ['matmul-i8'] }), world.tab(undefined, { address: BOB })]
    await world.ask(Array.from({ length: 11 }, (_, i) => world.request(2, [i + 1])))
    expect(tabs.map(({ hand }) => hand.length)).toEqual([4, 4])
    await world.fixture.submit({ tasks: 2 })
    expect(tabs[0]!.hand.map(({ spec }) => spec.kind)).toContain('kernel')
    await world.work()
    expect(world.core.jobs.size).toBe(0)
  })

  it('[G6] costs its prompt and its tokens from the first row, not what was held for it', async () => {
    const world = new AnswersFixture()
    world.tab()
    const whole = fakeAnswer(world.model, PROMPT, world.request(40).options).ids
    const job = await world.ask(world.request(40, PROMPT, { endTokens: [whole[7]] }))
    const { language } = world.model.manifest
    expect(world.core.reserved.get('local')).toBe(microCreditsOf(answerOperations(language, 100, 40)))
    await world.work()
    expect(world.answersOf(job)[0]).toMatchObject({ finish: 'stop', ids: { length: 7 } })
    const cost = microCreditsOf(answerOperations(language, 100, 7))
    expect([world.fixture.credit(ALICE), world.fixture.balance('local')]).toEqual([cost, -cost])
    expect(world.core.reserved.size).toBe(0)
    world.fixture.audit()
  })

  it('[P2] measures the tab by the tokens that it made, not by those that it might have made', async () => {
    const world = new AnswersFixture()
    const { tab } = world.tab()
    const whole = fakeAnswer(world.model, PROMPT, world.request(400).options).ids
    await world.ask(world.request(400, PROMPT, { endTokens: [whole[7]] }))
    world.fixture.clock.advance(100)
    await world.work()
    const [speed] = tab.speeds.values()
    const made = answerOperations(world.model.manifest.language, 100, 7)
    expect(speed!.operationsPerMs).toBeCloseTo(made / 100)
  })

  it('[P2] measures nothing by a result of the wrong form', async () => {
    const world = new AnswersFixture()
    const tab = world.tab()
    await world.ask(world.request(4))
    tab.work(tab.hand[0], (outputs) => outputs.slice(1))
    await world.fixture.settle()
    expect(tab.tab.speeds.size).toBe(0)
  })

  it('[G9] has a scope in the lease that is one for each requester, and another after a restart', async () => {
    const scopeOf = async (world: AnswersFixture, tab: LanguageTab, requester?: string) => {
      await world.ask(world.request(3), requester === undefined ? {} : { requester })
      const { spec } = tab.hand[0]!
      await world.work()
      return spec.kind === 'generate' ? spec.scope : undefined
    }
    const world = new AnswersFixture()
    const tab = world.tab()
    const [made] = await Promise.all([world.fixture.keys.create('a', 1e9), world.fixture.settle()])
    const mine = await scopeOf(world, tab)
    expect(mine).toBeGreaterThan(0)
    expect(await scopeOf(world, tab)).toBe(mine)
    expect(await scopeOf(world, tab, `key:${made.id}`)).not.toBe(mine)
    const next = new AnswersFixture()
    expect(await scopeOf(next, next.tab())).not.toBe(mine)
  })

  it('[G8] has its seed in the lease', async () => {
    const world = new AnswersFixture()
    const tab = world.tab()
    const { options } = world.request(3)
    await world.ask({
      ...world.request(3),
      options: { ...options, sampling: { ...options.sampling, seed: [9, 8] } },
    })
    expect(optionsOf(tab.hand[0]!.spec.inputs).sampling.seed).toEqual([9, 8])
  })

  it('is refused when the key cannot pay for the longest answer', async () => {
    const world = new AnswersFixture()
    world.tab()
    const made = world.fixture.keys.create('a', 5)
    await world.fixture.settle()
    const job = await world.ask(world.request(4), { requester: `key:${(await made).id}` })
    expect(job.error).toMatchObject({ code: 'insufficient_quota' })
  })

  it.each([
    ['an empty prompt', [], {}, 'invalid_value'],
    ['a token that the model does not have', [1000], {}, 'invalid_value'],
    ['more than the context holds', [1], { maxTokens: 4096 }, 'context_length_exceeded'],
  ])('refuses %s', async (_, prompt, changes, code) => {
    const world = new AnswersFixture()
    const job = await world.ask(world.request(4, prompt, changes))
    expect(job.error).toMatchObject({ code })
  })

  it('[G4] goes on in another tab where the first one was lost: the requester sees no break', async () => {
    const world = new AnswersFixture()
    const first = world.tab()
    const request = world.request(6, PROMPT)
    const job = await world.ask(request)
    first.stream(first.hand[0], 0, 4)
    first.cut()
    world.tabs.pop()
    world.fixture.clock.advance(RESUME_GRACE_MS)
    rescueLeases(world.core)
    const second = world.tab(undefined, { address: BOB })
    const { ids } = fakeAnswer(world.model, PROMPT, request.options)
    expect([...(elementsOf(second.hand[0]!.spec.inputs[2]!) as Int32Array)]).toEqual(ids.slice(0, 4))
    second.stream()
    await world.work()
    expect(world.heardIds()).toEqual(ids)
    expect(world.answersOf(job)[0]!.ids).toEqual(ids)
    const { language } = world.model.manifest
    const streamed = microCreditsOf(
      leaseOperations(language, PROMPT.length, { from: 0, to: 4, prompt: false }),
    )
    const rest = microCreditsOf(leaseOperations(language, PROMPT.length, { from: 4, to: 6, prompt: true }))
    expect([world.fixture.credit(ALICE), world.fixture.credit(BOB)]).toEqual([streamed, rest])
    expect(-world.fixture.balance('local')).toBe(streamed + rest)
    // Once for each row, but for what is rounded up.
    expect(streamed + rest - microCreditsOf(answerOperations(language, PROMPT.length, 6))).toBeLessThan(2)
    expect(receiptsOf(job)).toHaveLength(2)
    world.fixture.audit()
  })

  it('[G4] leaves one token to make where all were streamed and none was handed in', async () => {
    const world = new AnswersFixture()
    const first = world.tab()
    const request = world.request(3)
    const job = await world.ask(request)
    first.stream(first.hand[0], 0, 3)
    first.say({ type: 'leaving' })
    world.tabs.pop()
    await world.fixture.settle()
    const second = world.tab()
    expect(second.hand[0]!.spec.inputs[2]!.shape).toEqual([2])
    await world.work()
    expect(job.ended).toBe('done')
    expect(world.heardIds()).toEqual(fakeAnswer(world.model, request.prompt, request.options).ids)
  })

  it('[G1] tokens extend the lease as a heartbeat does, those of other leases nothing', async () => {
    const world = new AnswersFixture()
    const tab = world.tab()
    const thief = world.tab(undefined, { address: BOB, kernels: [] })
    const job = await world.ask(world.request(50))
    const [holder, other] = tab.hand.length > 0 ? [tab, thief] : [thief, tab]
    const lease = holder.hand[0]!
    const wait = (): void => {
      world.fixture.clock.advance(14_999)
      for (const each of world.tabs) each.heartbeat([])
    }
    for (let token = 0; token < 3; token++) {
      wait()
      holder.stream(lease, token)
      rescueLeases(world.core)
    }
    expect(job.tasks.get(0)).toMatchObject({ state: 'leased', vanished: 0 })
    wait()
    other.stream(lease, 3)
    other.stream({ ...lease, generation: lease.generation + 1 }, 3)
    holder.stream({ ...lease, generation: lease.generation + 1 }, 3)
    holder.stream({ ...lease, task: lease.task + 1 }, 3)
    expect(world.heardIds()).toHaveLength(3)
    world.fixture.clock.advance(1)
    rescueLeases(world.core)
    expect(job.tasks.get(0)!.vanished).toBe(1)
  })

  it.each([
    ['that leave a gap', (world: AnswersFixture) => world.tabs[0]!.stream(undefined, 2)],
    ['that come again', (world: AnswersFixture) => world.tabs[0]!.stream(undefined, 0)],
    ['beyond what was asked for', (world: AnswersFixture) => world.sayTokens({ ids: [1, 2, 3, 4, 5, 6] })],
    ['that the model does not have', (world: AnswersFixture) => world.sayTokens({ ids: [1000] })],
    [
      'with log-probabilities that nobody asked for',
      (world: AnswersFixture) => world.sayTokens({ logprobs: [[-1, []]] }),
    ],
  ])('[G2] leaves tokens alone %s', async (_, happens) => {
    const world = new AnswersFixture()
    const tab = world.tab()
    const request = world.request(6)
    const job = await world.ask(request)
    tab.stream()
    happens(world)
    expect(world.heardIds()).toHaveLength(1)
    await world.work()
    expect(job.ended).toBe('done')
    expect(world.heardIds()).toEqual(fakeAnswer(world.model, request.prompt, request.options).ids)
  })

  it('[G2] leaves tokens alone that lack the log-probabilities that were asked for', async () => {
    const world = new AnswersFixture()
    world.tab()
    await world.ask(world.request(6, PROMPT, { topLogprobs: 1 }))
    world.sayTokens({ from: 0 })
    expect(world.heard).toEqual([])
    world.tabs[0]!.stream(undefined, 0, 2)
    await world.work()
    expect(world.heard.map(({ ids, logprobs }) => [ids.length, logprobs?.length])).toEqual([
      [2, 2],
      [4, 4],
      [0, undefined],
    ])
  })

  it.each([
    ['of the token', [-3, [[0, -1]]]],
    ['of an alternative', [-0.5, [[0, -1.5]]]],
    ['of other alternatives', [-0.5, [[9, -1]]]],
  ] as [string, [number, [number, number][]]][])(
    '[G3] a result with other log-probabilities %s than were streamed is rejected',
    async (_, [own, top]) => {
      const world = new AnswersFixture()
      const tab = world.tab()
      const request = world.request(6, PROMPT, { topLogprobs: 1 })
      const job = await world.ask(request)
      const [first] = fakeAnswer(world.model, PROMPT, request.options).ids
      const right = -((first! % 7) + 1) / 8
      world.sayTokens({ from: 0, ids: [first!], logprobs: [[own === -3 ? -3 : right, top]] })
      tab.work()
      await world.fixture.settle()
      expect(job.error!.message).toMatch(/^The answer was found wrong: The log-probabilities of token 0/)
      expect(tab.verdicts).toMatchObject([{ verdict: 'rejected' }])
    },
  )

  it('[G3] log-probabilities may differ by what devices do', async () => {
    const world = new AnswersFixture()
    world.tab()
    const request = world.request(6, PROMPT, { topLogprobs: 1 })
    const job = await world.ask(request, { readAlong: false })
    const [first] = fakeAnswer(world.model, PROMPT, request.options).ids
    world.sayTokens({ from: 0, ids: [first!], logprobs: [[-((first! % 7) + 1) / 8 + 0.01, [[0, -1.01]]]] })
    await world.work()
    expect(world.answersOf(job)[0]!.logprobs).toHaveLength(6)
  })

  it('[G3] a result that contradicts what was streamed is rejected', async () => {
    const world = new AnswersFixture()
    const tab = world.tab()
    const job = await world.ask(world.request(6))
    world.sayTokens({ from: 0, ids: [999] })
    tab.work()
    await world.fixture.settle()
    expect(job.error).toMatchObject({ code: 'task_failed' })
    expect(job.error!.message).toMatch(
      /^The answer was found wrong: Token 0 of the answer was streamed as 999 and is/,
    )
    expect([world.fixture.credit(ALICE), world.fixture.balance('local')]).toEqual([0, 0])
    expect(tab.verdicts).toMatchObject([{ verdict: 'rejected', microCredits: '0' }])
    world.fixture.audit()
  })

  it.each([
    ['a changed token', (ids: number[]) => ids.with(3, (ids[3]! + 1) % 1000)],
    ['tokens too few', (ids: number[]) => ids.slice(0, -1)],
  ])(
    '[G7] with %s ends with task_failed for a requester who read along, and costs nothing',
    async (_, change) => {
      const world = new AnswersFixture()
      const tab = world.tab()
      const job = await world.ask(world.request(6))
      tab.stream(tab.hand[0], 0, 2)
      tab.work(tab.hand[0], withIds(change))
      await world.fixture.settle()
      expect(job.error).toMatchObject({ code: 'task_failed' })
      expect([world.fixture.credit(ALICE), world.fixture.balance('local')]).toEqual([0, 0])
      world.fixture.audit()
    },
  )

  it('[G7] that nobody read is made again in a tab of another address', async () => {
    const world = new AnswersFixture()
    const tab = world.tab()
    const request = world.request(6)
    const job = await world.ask(request, { readAlong: false })
    tab.stream(tab.hand[0], 0, 2)
    tab.work(
      tab.hand[0],
      withIds((ids) => ids.with(5, (ids[5]! + 1) % 1000)),
    )
    await world.fixture.settle()
    expect(tab.hand).toEqual([])
    const honest = world.tab(undefined, { address: BOB })
    expect(honest.hand[0]!.spec.inputs[2]!.shape).toEqual([0])
    await world.work()
    expect(world.answersOf(job)[0]).toMatchObject(fakeAnswer(world.model, request.prompt, request.options))
    expect(world.fixture.credit(ALICE)).toBe(0)
    world.fixture.audit()
  })

  it('[G5] shows what the tab says of its cache, within what the requester asked before, and commits to nothing of it', async () => {
    const world = new AnswersFixture()
    const tab = world.tab()
    const first = await world.ask([world.request(3, PROMPT)])
    tab.work(tab.hand[0]!, (outputs) => [...outputs, idsTensor('cached', [64])])
    await world.fixture.settle()
    expect(world.answersOf(first).map(({ cachedTokens }) => cachedTokens)).toEqual([0])
    const job = await world.ask([world.request(3, PROMPT), world.request(3, PROMPT)])
    const [one, two] = tab.hand
    tab.work(one, (outputs) => [...outputs, idsTensor('cached', [64])])
    tab.work(two, (outputs) => [...outputs, idsTensor('cached', [1e6])])
    await world.fixture.settle()
    expect(world.answersOf(job).map(({ cachedTokens }) => cachedTokens)).toEqual([64, 96])
    const [, a, b] = tab.verdicts
    expect([a!.verdict, b!.verdict]).toEqual(['text-scored', 'text-scored'])
  })

  it('[P5] a follow-up goes to the tab that made what comes before it, while that is not much busier', async () => {
    const world = new AnswersFixture()
    const tabs = [
      world.tab(),
      world.tab(undefined, { address: BOB }),
      world.tab(undefined, { address: CAROL }),
    ]
    const job = await world.ask(world.request(40, PROMPT))
    const first = tabs.find(({ hand }) => hand.length > 0)!
    await world.work()
    const next = [...PROMPT, ...world.answersOf(job)[0]!.ids, 5, 6]
    for (let turn = 0; turn < 2; turn++) {
      await world.ask(world.request(2, [...next, turn]))
      expect(first.hand).toHaveLength(turn + 1)
    }
    // Two answers more than the others have is enough.
    await world.ask(world.request(2, [...next, 2]))
    expect(first.hand).toHaveLength(2)
    // Another conversation has no home yet.
    await world.ask(world.request(2, [1, 2, 3]))
    expect(first.hand).toHaveLength(2)
    await world.work()
    world.tabs.splice(world.tabs.indexOf(first), 1)
    first.say({ type: 'leaving' })
    first.cut()
    const last = await world.ask(world.request(2, [...next, 3]))
    await world.work()
    expect(last.ended).toBe('done')
  })

  it('[P4] fails with no_tab_available, which says who holds the model', async () => {
    const world = new AnswersFixture()
    world.tab([1, 1])
    const job = await world.ask(world.request(2))
    world.fixture.clock.advance(30_000)
    await world.fixture.settle()
    expect(job.error).toMatchObject({ code: 'no_tab_available' })
    expect(job.error!.message).toBe(
      'No tab came free for fake-chat within 30000 ms; 0 tabs hold it whole, and 1 tab holds 1 of its 3 stages.',
    )
  })

  it('[P4] fails with tab_lost once it has begun', async () => {
    const world = new AnswersFixture()
    const tab = world.tab()
    const job = await world.ask(world.request(9))
    tab.stream()
    tab.say({ type: 'leaving' })
    await world.fixture.settle()
    world.fixture.clock.advance(30_000)
    endOverdueJobs(world.core, {
      queueWaitMs: 30_000,
      holdersOf: () => ({ name: 'fake-chat', holders: 'none' }),
    })
    await world.fixture.settle()
    expect(job.error).toMatchObject({ code: 'tab_lost' })
  })

  it('goes on over a ring when nobody holds the whole model any more, and the other way round', async () => {
    const world = new AnswersFixture()
    const whole = world.tab()
    const request = world.request(8, PROMPT)
    const job = await world.ask(request)
    whole.stream(whole.hand[0], 0, 3)
    const ring = [0, 1, 2].map((stage) => world.tab([stage, stage], { address: BOB }))
    whole.say({ type: 'leaving' })
    whole.cut()
    world.tabs.splice(0, 1)
    await world.fixture.settle()
    for (let steps = 0; steps < 10; steps++) {
      const busy = ring.find(({ hand }) => hand.length > 0)
      busy?.work()
      await world.fixture.settle()
    }
    for (const tab of ring) {
      tab.say({ type: 'leaving' })
      tab.cut()
    }
    world.tabs.length = 0
    expect(ring.every(({ runner }) => runner.rows > PROMPT.length)).toBe(true)
    expect(world.heardIds().length).toBeGreaterThanOrEqual(3)
    await world.fixture.settle()
    world.tab(undefined, { address: CAROL })
    await world.work()
    world.fixture.audit()
    expect(world.heardIds()).toEqual(
      fakeAnswer(world.model, PROMPT, request.options).ids.slice(0, world.heardIds().length),
    )
    expect([job.ended, job.error?.code]).toEqual(['done', undefined])
  })
})
