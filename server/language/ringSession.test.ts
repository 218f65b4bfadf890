import { describe, expect, it } from 'vitest'
import { STAGE_CHUNK_ROWS } from '../../protocol/limits.ts'
import type { StageTask } from '../../protocol/task.ts'
import { type Tensor, tensorOf } from '../../protocol/tensor.ts'
import { endJob } from '../jobs/endJob.ts'
import { rescueLeases } from '../maintenance/leaseRescuer.ts'
import { ALICE, BOB, CAROL } from '../placement/fakeTab.ts'
import type { LanguageTab } from '../placement/languageTab.ts'
import { RESUME_GRACE_MS } from '../placement/tabRegistry.ts'
import { fakeAnswer } from './fakeLanguage.ts'
import { AnswersFixture } from './fixtureAnswers.ts'
import { KEPT_MS } from './keptRings.ts'

const DAVE = '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb'
const PROMPT = Array.from({ length: 150 }, (_, i) => (i * 7) % 1000)

/** A world with one tab for each of three stages. */
function ring(options: ConstructorParameters<typeof AnswersFixture>[1] = {}) {
  const world = new AnswersFixture({}, options)
  const tabs = [0, 1, 2].map((stage) => world.tab([stage, stage], { address: [ALICE, BOB, CAROL][stage]! }))
  return { world, tabs }
}

const specOf = (tab: LanguageTab): StageTask => tab.hand[0]!.spec as StageTask

/** Wrong in the last element, of the right form. */
const bent = (outputs: Tensor[]): Tensor[] =>
  outputs.map((tensor) => {
    if (tensor.name !== 'hidden' && tensor.name !== 'ids') return tensor
    const bytes = tensor.bytes.slice()
    bytes[0]! ^= 1
    return { ...tensor, bytes }
  })

describe('an answer over a ring of tabs', () => {
  it.each(['f32', 'f16', 'int8'] as const)(
    '[S1] is the same as in one tab, with hidden states as %s',
    async (hidden) => {
      const world = new AnswersFixture({ hidden, width: 70 })
      for (const stage of [0, 1, 2]) world.tab([stage, stage])
      const request = world.request(9, PROMPT)
      const job = await world.ask(request)
      await world.work()
      expect(job).toMatchObject({ ended: 'done', error: null })
      expect(world.answersOf(job)[0]).toMatchObject(fakeAnswer(world.model, PROMPT, request.options))
      expect(world.heardIds()).toEqual(world.answersOf(job)[0]!.ids)
      world.fixture.audit()
    },
  )

  it('ends at an end token, which is no part of it', async () => {
    const { world } = ring()
    const whole = fakeAnswer(world.model, PROMPT, world.request(9).options).ids
    const request = world.request(9, PROMPT, { endTokens: [whole[4]] })
    const job = await world.ask(request)
    await world.work()
    expect(world.answersOf(job)[0]).toMatchObject({ ids: whole.slice(0, 4), finish: 'stop' })
  })

  it('ends with the token that completes a stop string', async () => {
    const stops: string[][] = []
    const { world } = ring({
      answers: {
        stopFinder: async (_, texts) => {
          stops.push([...texts])
          let seen = 0
          return () => ++seen === 3
        },
      },
    })
    const job = await world.ask(world.request(9, PROMPT, { stop: ['END'] }))
    await world.work()
    expect(stops).toEqual([['END']])
    expect(world.answersOf(job)[0]).toMatchObject({ finish: 'stop', ids: { length: 3 } })
  })

  it('brings log-probabilities with the tokens that asked for them', async () => {
    const { world } = ring()
    const job = await world.ask(world.request(3, PROMPT, { topLogprobs: 2 }))
    await world.work()
    expect(job.ended).toBe('done')
    expect(world.heard.map(({ logprobs }) => logprobs?.length)).toEqual([1, 1, 1, undefined])
    expect(world.heard[0]!.logprobs![0]![1]).toEqual([
      [0, -1],
      [1, -2],
    ])
  })

  it('[S1] goes round in chunks: while one stage has the second, the next has the first', async () => {
    const { world, tabs } = ring()
    await world.ask(world.request(2, PROMPT))
    expect(specOf(tabs[0]!)).toMatchObject({ first: 0, last: 0, position: 0 })
    expect(tabs[0]!.hand[0]!.spec.inputs[0]!.shape).toEqual([STAGE_CHUNK_ROWS])
    tabs[0]!.work()
    await world.fixture.settle()
    expect(tabs.map((tab) => tab.hand.map(({ spec }) => (spec as StageTask).position))).toEqual([
      [STAGE_CHUNK_ROWS],
      [0],
      [],
    ])
  })

  it('[S1] gives each part a session of its own', async () => {
    const { world, tabs } = ring()
    await world.ask([world.request(2), world.request(2)])
    const sessions = new Set<number>()
    await world.work((tab) => void sessions.add(specOf(tab).session))
    expect(sessions.size).toBe(6)
    expect(tabs.every(({ runner }) => runner.rows > 0)).toBe(true)
  })

  it('goes over a tab for several stages where that holds them, and over one that holds more than is left', async () => {
    const world = new AnswersFixture({ stages: 4 })
    world.tab([0, 2])
    world.tab([1, 3])
    const request = world.request(4, PROMPT)
    const job = await world.ask(request)
    await world.work()
    expect(world.answersOf(job)[0]).toMatchObject(fakeAnswer(world.model, PROMPT, request.options))
    expect(world.answersOf(job)[0]!.deviceClasses).toHaveLength(2)
  })

  it('many at once: each gives its own text, and every stage has work ahead', async () => {
    const { world, tabs } = ring()
    const requests = Array.from({ length: 6 }, (_, i) => world.request(5, [...PROMPT, i]))
    const job = await world.ask(requests)
    let most = 0
    await world.work(() => {
      most = Math.max(most, ...tabs.map((tab) => tab.hand.length))
    })
    expect(job.ended).toBe('done')
    for (const [choice, request] of requests.entries())
      expect(world.heardIds(choice)).toEqual(fakeAnswer(world.model, request.prompt, request.options).ids)
    expect(most).toBeGreaterThanOrEqual(2)
  })

  it('[S4] passes a step on before it is checked, and pays it after', async () => {
    const { world, tabs } = ring()
    let release = (): void => {}
    world.fixture.checker.wait = new Promise((resolve) => (release = resolve))
    const request = world.request(3)
    const job = await world.ask(request)
    await world.work()
    expect(world.heardIds()).toEqual(fakeAnswer(world.model, request.prompt, request.options).ids)
    expect([job.ended, world.fixture.balance('local')]).toEqual([null, 0])
    release()
    await world.fixture.settle()
    expect(job.ended).toBe('done')
    for (const address of [ALICE, BOB, CAROL]) expect(world.fixture.credit(address)).toBeGreaterThan(0)
    expect(tabs.map(({ tab }) => tab.completed)).toEqual([1, 1, 1])
  })

  it('[S5] costs the requester each row of each stage once', async () => {
    const { world, tabs } = ring()
    const undisturbed = ring()
    const request = world.request(6, PROMPT)
    await undisturbed.world.ask(request)
    await undisturbed.world.work()
    const price = -undisturbed.world.fixture.balance('local')

    const spare = world.tab([1, 1], { address: DAVE })
    const job = await world.ask(request)
    let steps = 0
    await world.work((tab) => {
      if (tab !== tabs[1] || ++steps !== 5) return
      tab.say({ type: 'leaving' })
      tab.cut()
      tab.hand = []
      return 'done'
    })
    expect(job.ended).toBe('done')
    expect(spare.runner.rows).toBeGreaterThan(PROMPT.length)
    // Rounding goes by steps, and a chunk that is cut in two is rounded twice.
    expect(-world.fixture.balance('local')).toBeGreaterThanOrEqual(price)
    expect(-world.fixture.balance('local')).toBeLessThan(price * 1.02)
    expect(world.fixture.balance('operator')).toBeLessThan(0)
    world.fixture.audit()
  })

  it('[S5] also where a part is found wrong before the first token, and the ring begins anew', async () => {
    const undisturbed = ring()
    const request = undisturbed.world.request(6, PROMPT)
    await undisturbed.world.ask(request)
    await undisturbed.world.work()
    const price = -undisturbed.world.fixture.balance('local')

    const { world, tabs } = ring()
    const made = world.fixture.keys.create('a', Math.ceil(price * 1.05))
    await world.fixture.settle()
    const { id } = await made
    const job = await world.ask(request, { requester: `key:${id}` })
    let steps = 0
    await world.work((tab) => {
      if (tab !== tabs[1]) return
      if (++steps > 2) return 'leave'
      tab.work(tab.hand[0], bent)
      return 'done'
    })
    expect(world.heardIds()).toEqual([])
    tabs[1]!.say({ type: 'leaving' })
    tabs[1]!.cut()
    tabs[1]!.hand = []
    world.tab([1, 1], { address: DAVE })
    await world.work()
    expect(job).toMatchObject({ ended: 'done', error: null })
    expect(tabs[1]!.verdicts).toMatchObject([{ verdict: 'rejected' }])
    // Each stretch of steps is rounded up by itself.
    expect(-world.fixture.balance(`key:${id}`)).toBeGreaterThanOrEqual(price)
    expect(-world.fixture.balance(`key:${id}`)).toBeLessThan(price + 6)
    // The others begin anew with rows that they were paid for.
    expect(world.fixture.balance('operator')).toBe(0)
    world.fixture.audit()
  })

  it.each([
    ['is leaving', (tab: LanguageTab) => tab.say({ type: 'leaving' })],
    ['is cut off', (tab: LanguageTab) => tab.cut()],
    ['gives its step back', (tab: LanguageTab) => tab.handBack('stop')],
    ['fails', (tab: LanguageTab) => tab.fail()],
    ['forgets', (tab: LanguageTab) => tab.runner.forget()],
    ['has paused', (tab: LanguageTab) => tab.say({ type: 'state', state: 'paused' })],
    ['holds other stages', (tab: LanguageTab) => tab.say({ type: 'ready', models: [], ranges: [] })],
    ['gives the wrong form', (tab: LanguageTab) => tab.work(tab.hand[0], () => [])],
  ])('[S3] goes on unchanged when a stage’s tab %s', async (_, happens) => {
    const { world, tabs } = ring()
    world.tab([0, 1], { address: DAVE })
    world.tab([1, 2], { address: DAVE })
    const request = world.request(8, PROMPT)
    const job = await world.ask(request)
    const reached: number[] = []
    for (const lost of tabs) {
      let steps = 0
      await world.work((tab) => {
        if (tab !== lost || reached.includes(tabs.indexOf(lost)) || ++steps < 3) return
        reached.push(tabs.indexOf(lost))
        happens(tab)
        return 'done'
      })
    }
    expect(job).toMatchObject({ error: null, ended: 'done' })
    expect(world.heardIds()).toEqual(fakeAnswer(world.model, PROMPT, request.options).ids)
    expect(reached.length).toBeGreaterThan(0)
    world.fixture.audit()
  })

  it('[S3] gives no step to the address whose result was rejected, and waits for another', async () => {
    const { world, tabs } = ring()
    const request = world.request(3)
    const job = await world.ask(request)
    tabs[0]!.work(tabs[0]!.hand[0], () => [])
    await world.work()
    expect([tabs[0]!.hand, job.ended]).toEqual([[], null])
    world.tab([0, 0], { address: DAVE })
    await world.work()
    expect(world.heardIds()).toEqual(fakeAnswer(world.model, request.prompt, request.options).ids)
  })

  it('[R7] ends with check_unavailable when a step cannot be checked, and costs nothing', async () => {
    const { world } = ring()
    world.fixture.checker.broken = new Error('no memory')
    const job = await world.ask(world.request(2))
    await world.work()
    for (let again = 1; again < 10; again++) {
      expect(job.ended).toBeNull()
      world.fixture.clock.advance(1_000)
      await world.fixture.settle()
    }
    expect(job.error).toMatchObject({ code: 'check_unavailable' })
    expect(world.fixture.balance('local')).toBe(0)
    world.fixture.audit()
  })

  it('[S3] waits for a tab that comes back, when there is no other', async () => {
    const { world, tabs } = ring()
    const request = world.request(5)
    const job = await world.ask(request)
    tabs[0]!.work()
    await world.fixture.settle()
    const middle = tabs[1]!
    middle.cut()
    await world.fixture.settle()
    expect(job.ended).toBeNull()
    const back = world.tab([1, 1], { resume: middle.tab.resume, address: BOB })
    back.hand = middle.hand.splice(0)
    await world.work()
    expect(job.ended).toBe('done')
    expect(world.heardIds()).toEqual(fakeAnswer(world.model, request.prompt, request.options).ids)
  })

  it('[S3] takes up a tab that comes later', async () => {
    const { world, tabs } = ring()
    const request = world.request(5, PROMPT)
    const job = await world.ask(request)
    await world.work((tab) => (tab === tabs[1] ? 'leave' : undefined))
    tabs[1]!.cut()
    tabs[1]!.hand = []
    world.fixture.clock.advance(RESUME_GRACE_MS)
    rescueLeases(world.core)
    await world.fixture.settle()
    expect(job.ended).toBeNull()
    world.tab([1, 1])
    await world.work()
    expect(world.heardIds()).toEqual(fakeAnswer(world.model, PROMPT, request.options).ids)
  })

  it('[S8] ends with tab_lost when no tab comes for a stage', async () => {
    const { world, tabs } = ring()
    const job = await world.ask(world.request(5))
    tabs[0]!.work()
    await world.fixture.settle()
    tabs[1]!.say({ type: 'leaving' })
    await world.fixture.settle()
    world.fixture.clock.advance(30_000)
    await world.fixture.settle()
    expect(job.ended).toBe('failed')
    expect(job.error).toMatchObject({ code: 'tab_lost' })
    expect(job.error!.message).toBe(
      'The tab that ran stage 1 of fake-chat was lost, and no other one came within 30000 ms.',
    )
    expect(world.fixture.balance('local')).toBe(0)
  })

  it('[S8] ends with tab_lost at the same time when tabs for other stages come and go', async () => {
    const { world, tabs } = ring()
    const job = await world.ask(world.request(5))
    tabs[0]!.work()
    await world.fixture.settle()
    tabs[1]!.say({ type: 'leaving' })
    await world.fixture.settle()
    for (let waited = 0; waited < 30_000; waited += 10_000) {
      expect(job.ended).toBeNull()
      world.tab([2, 2])
      await world.fixture.settle()
      world.fixture.clock.advance(10_000)
      for (const tab of world.tabs) tab.heartbeat()
      await world.fixture.settle()
    }
    expect(job.error).toMatchObject({ code: 'tab_lost' })
  })

  it('[S8] waits for each part as long as it may, also when another was stuck before it', async () => {
    const { world, tabs } = ring()
    const job = await world.ask(world.request(5))
    tabs[0]!.work()
    await world.fixture.settle()
    tabs[1]!.say({ type: 'leaving' })
    world.fixture.clock.advance(20_000)
    tabs[2]!.say({ type: 'leaving' })
    await world.fixture.settle()
    world.tab([1, 1])
    await world.work()
    world.fixture.clock.advance(20_000)
    await world.fixture.settle()
    expect(job.ended).toBeNull()
    world.fixture.clock.advance(10_000)
    await world.fixture.settle()
    expect(job.error?.message).toContain('The tab that ran stage 2')
  })

  it('[S8] ends with tab_lost when eight tabs vanished', async () => {
    const { world, tabs } = ring()
    const job = await world.ask(world.request(50))
    let lost = 0
    for (let middle: LanguageTab = tabs[1]!; job.ended === null && lost < 20; ) {
      let steps = 0
      const current = middle
      await world.work((tab) => {
        if (tab === current && ++steps >= 3) return 'leave'
      })
      if (middle.hand.length === 0) break
      middle.cut()
      middle.hand = []
      world.tabs.splice(world.tabs.indexOf(middle), 1)
      lost++
      middle = world.tab([1, 1])
      world.fixture.clock.advance(RESUME_GRACE_MS)
      rescueLeases(world.core)
      await world.fixture.settle()
    }
    expect(job.error).toMatchObject({ code: 'tab_lost' })
    expect(lost).toBe(8)
    // What the operator paid for what was done again is not the requester's to get back.
    expect(world.fixture.balance('operator')).toBeLessThan(0)
    expect(world.fixture.balance('local')).toBe(0)
    world.fixture.audit()
  })

  it('[S8] ends with task_failed after three errors, with the last reason', async () => {
    const { world, tabs } = ring()
    const job = await world.ask(world.request(5))
    for (let i = 0; i < 3; i++) {
      expect(job.ended).toBeNull()
      tabs[0]!.fail()
      await world.fixture.settle()
    }
    expect(job.error).toMatchObject({ code: 'task_failed' })
    expect(job.error!.message).toContain('It does not compile here.')
  })

  it('[S2] begins a session anew that the tab has dropped; that is no attempt', async () => {
    const { world, tabs } = ring()
    const request = world.request(20)
    const job = await world.ask(request)
    let forgot = 0
    await world.work((tab) => {
      if (tab === tabs[1] && tab.runner.rows % 5 === 4 && forgot < 12) {
        forgot++
        tab.runner.forget()
      }
    })
    expect(forgot).toBeGreaterThan(3)
    expect(job.ended).toBe('done')
    expect(world.heardIds()).toEqual(fakeAnswer(world.model, request.prompt, request.options).ids)
    expect(world.fixture.snapshotOfAttempts()).toEqual([])
  })

  it('[S2] ends with tab_lost when a tab drops what it holds for ever', async () => {
    const { world, tabs } = ring()
    const job = await world.ask(world.request(20))
    await world.work((tab) => {
      if (tab === tabs[1]) tab.runner.forget()
    })
    expect(job.error).toMatchObject({ code: 'tab_lost' })
  })

  it('[S7] ends with task_failed when a step that was read is found wrong, and gives the money back', async () => {
    const { world, tabs } = ring()
    const job = await world.ask(world.request(4))
    await world.work((tab) => {
      if (tab !== tabs[2]) return
      tab.work(tab.hand[0], bent)
      return 'done'
    })
    expect(job.error).toMatchObject({ code: 'task_failed' })
    expect(job.error!.message).toBe('A step of the answer was found wrong: The step is wrong.')
    expect(world.fixture.balance('local')).toBe(0)
    expect(world.fixture.credit(CAROL)).toBe(0)
    world.fixture.audit()
  })

  it('[S7] makes again what nobody has read, from the wrong part on and without that address', async () => {
    const { world, tabs } = ring()
    world.tab([2, 2], { address: ALICE })
    const liar = tabs[2]!
    const request = world.request(6)
    const job = await world.ask(request, { readAlong: false })
    let lies = 0
    await world.work((tab) => {
      if (tab !== liar) return
      lies++
      tab.work(tab.hand[0], bent)
      return 'done'
    })
    expect(job.error).toBeNull()
    expect(world.answersOf(job)[0]).toMatchObject(fakeAnswer(world.model, request.prompt, request.options))
    // The tab with least in hand may be the honest one from the start.
    expect(lies).toBeLessThanOrEqual(6)
    // What the others had made before is paid: nothing of the job waits for a verdict for ever.
    expect([...job.tasks.values()].map(({ state }) => state)).toEqual([])
    world.fixture.clock.advance(KEPT_MS)
    expect(world.core.answers.keptBytes).toBe(0)
    world.fixture.audit()
  })

  it('[X2] a requester who leaves frees every stage at once', async () => {
    const { world, tabs } = ring()
    const job = await world.ask([world.request(50, PROMPT), world.request(50, PROMPT)])
    tabs[0]!.work()
    await world.fixture.settle()
    expect(tabs.flatMap((tab) => tab.hand).length).toBeGreaterThan(1)
    endJob(world.core, job, 'cancelled', {})
    expect(tabs.flatMap((tab) => tab.hand)).toEqual([])
    await world.fixture.settle()
    expect([world.fixture.balance('local'), world.core.openInputBytes, world.core.reserved.size]).toEqual([
      0, 0, 0,
    ])
    world.fixture.audit()
  })

  it('holds the price of the whole answer, and no more than is left of it', async () => {
    const { world } = ring()
    const { id, key } = await (async () => {
      const made = world.fixture.keys.create('a', 1_000_000)
      await world.fixture.settle()
      return made
    })()
    void key
    const job = await world.ask(world.request(4), { requester: `key:${id}` })
    const held = world.core.reserved.get(`key:${id}`)!
    expect(held).toBeGreaterThan(0)
    await world.work()
    expect(job.ended).toBe('done')
    expect(world.core.reserved.size).toBe(0)
    // The last token goes through no stage.
    expect(-world.fixture.balance(`key:${id}`)).toBeLessThanOrEqual(held)
    expect(-world.fixture.balance(`key:${id}`)).toBeGreaterThan(held * 0.8)
  })

  it('is refused when the key cannot pay for it', async () => {
    const { world } = ring()
    const made = world.fixture.keys.create('a', 3)
    await world.fixture.settle()
    const job = await world.ask(world.request(4), { requester: `key:${(await made).id}` })
    await world.fixture.settle()
    expect(job.error).toMatchObject({ code: 'insufficient_quota' })
  })

  it('a hop takes as long as a test says', async () => {
    const { world, tabs } = ring({ answers: { hopMs: 40 } })
    const job = await world.ask(world.request(2))
    expect(tabs[0]!.hand).toEqual([])
    let hops = 0
    for (; job.ended === null && hops < 50; hops++) {
      world.fixture.clock.advance(40)
      await world.work()
    }
    expect(hops).toBe(6)
  })

  it('leaves out outputs that no task of it asked for', async () => {
    const { world, tabs } = ring()
    const job = await world.ask(world.request(2))
    const [lease] = tabs[0]!.hand
    tabs[0]!.work()
    tabs[0]!.results({
      task: lease!.task,
      generation: lease!.generation,
      computeMicros: 1,
      outputs: [tensorOf('hidden', 'FP32', [3, 4], new Float32Array(12))],
    })
    await world.work()
    expect(job.ended).toBe('done')
    expect(world.core.counters.resultsIgnored).toBe(1)
  })
})
