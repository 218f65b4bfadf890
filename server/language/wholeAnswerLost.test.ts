import { describe, expect, it } from 'vitest'
import { microCreditsOf } from '../../protocol/limits.ts'
import { ALICE, BOB, CAROL } from '../placement/fakeTab.ts'
import { LanguageTab } from '../placement/languageTab.ts'
import { answerOperations, leaseOperations } from './answerCost.ts'
import { fakeAnswer } from './fakeLanguage.ts'
import { AnswersFixture } from './fixtureAnswers.ts'

const PROMPT = Array.from({ length: 100 }, (_, i) => (i * 7) % 1000)

describe('an answer of which a lost tab streamed a part', () => {
  /** An answer that Alice streamed in part and lost, given to Bob. */
  const handedOver = async ({
    say: wrong = false,
    readAlong = true,
    drawCheck = (): boolean => true,
  }: {
    say?: boolean
    readAlong?: boolean
    drawCheck?: (verified: number) => boolean
  } = {}) => {
    const world = new AnswersFixture({}, { drawCheck })
    const first = world.tab()
    const request = world.request(6, PROMPT)
    const job = await world.ask(request, { readAlong })
    first.stream(first.hand[0], 0, 2)
    if (wrong) world.sayTokens({ from: 2, ids: [999] })
    first.hand = []
    first.say({ type: 'leaving' })
    first.cut()
    world.tabs.pop()
    await world.fixture.settle()
    const second = world.tab(undefined, { address: BOB })
    return { world, first, second, job, request }
  }

  it('[G7] is scored from its first token, in one pass', async () => {
    const { world, job } = await handedOver()
    await world.work()
    expect(job.ended).toBe('done')
    expect(world.fixture.checker.checkedParts.map(({ inputs }) => inputs[2]!.shape)).toEqual([[0]])
  })

  it('[G7] is scored when the tab that was lost is drawn, and not the one that handed it in', async () => {
    const { world, job } = await handedOver({ drawCheck: (verified) => verified < 10 })
    world.core.ledger.payee(BOB).verifiedSinceReset = 10
    world.fixture.checker.always = false
    await world.work()
    expect([job.ended, world.fixture.checker.checked]).toEqual(['done', 1])
  })

  it('[G7] with a wrong token there blames the tab that streamed it, never the one that went on', async () => {
    const { world, second, job } = await handedOver({ say: true })
    await world.work()
    expect(job.error).toMatchObject({ code: 'task_failed' })
    expect([world.fixture.credit(ALICE), world.fixture.credit(BOB)]).toEqual([0, 0])
    const { ledger } = world.core
    expect([ledger.payee(ALICE).rejected, ledger.payee(BOB).rejected]).toEqual([1, 0])
    expect(second.verdicts).toEqual([])
    expect(world.fixture.balance('local')).toBe(0)
    world.fixture.audit()
  })

  it('[G7] with a wrong token there that nobody read is made again from it, without that address', async () => {
    const { world, second, job, request } = await handedOver({ say: true, readAlong: false })
    world.tabs.push(new LanguageTab(world.core, world.model))
    second.work()
    await world.fixture.settle()
    expect(second.hand[0]!.spec.inputs[2]!.shape).toEqual([2])
    await world.work()
    expect(world.answersOf(job)[0]).toMatchObject(fakeAnswer(world.model, PROMPT, request.options))
    expect([world.fixture.credit(ALICE), world.core.ledger.payee(ALICE).rejected]).toEqual([0, 1])
    world.fixture.audit()
  })

  it('[G7] leaves the tab that went on from a wrong token free to make the rest, whoever fails after it', async () => {
    const { world, second, job, request } = await handedOver({ say: true, readAlong: false })
    second.work()
    await world.fixture.settle()
    // Bob leaves, Carol hands in what has no form and leaves, Bob comes back with a stage in each of three tabs.
    second.say({ type: 'leaving' })
    second.cut()
    const third = world.tab(undefined, { address: CAROL })
    third.work(third.hand[0], (outputs) => outputs.slice(1))
    await world.fixture.settle()
    third.say({ type: 'leaving' })
    third.cut()
    world.tabs.length = 0
    for (const stage of [0, 1, 2]) world.tab([stage, stage], { address: BOB })
    await world.work()
    expect(world.answersOf(job)[0]).toMatchObject(fakeAnswer(world.model, PROMPT, request.options))
    expect([world.fixture.credit(CAROL), world.core.ledger.payee(BOB).rejected]).toEqual([0, 0])
  })

  it('[L6] counts as vanished when it is handed back, and goes to another tab if there is one', async () => {
    const world = new AnswersFixture()
    const tab = world.tab()
    const job = await world.ask(world.request(20))
    for (let turn = 0; turn < 7; turn++) {
      const [lease] = tab.hand
      tab.stream(lease)
      tab.hand = []
      tab.say({ type: 'handback', leases: [[lease!.task, lease!.generation]], reason: 'pause' })
      await world.fixture.settle()
    }
    expect(job.tasks.get(0)).toMatchObject({ state: 'leased', vanished: 7 })
    const [untouched] = tab.hand
    const other = world.tab(undefined, { address: BOB })
    tab.hand = []
    tab.say({ type: 'handback', leases: [[untouched!.task, untouched!.generation]], reason: 'pause' })
    await world.fixture.settle()
    expect([job.tasks.get(0)!.vanished, other.hand.length]).toEqual([7, 1])
    other.stream()
    other.say({ type: 'leaving' })
    other.cut()
    await world.fixture.settle()
    expect(job.error).toMatchObject({ code: 'tab_lost' })
    await world.fixture.settle()
    // What was streamed and is not charged the operator pays, once a token.
    const { language } = world.model.manifest
    const once = microCreditsOf(leaseOperations(language, 3, { from: 0, to: 8, prompt: false }))
    const paid = world.fixture.credit(ALICE) + world.fixture.credit(BOB)
    expect([world.fixture.balance('local'), -world.fixture.balance('operator')]).toEqual([0, paid])
    expect(paid - once).toBeLessThan(8)
    world.fixture.audit()
  })

  it('[G6] pays a tab that leases its own answer again for each token once', async () => {
    const { world } = await handedOver()
    world.tabs.pop()!.say({ type: 'leaving' })
    const again = world.tab()
    await world.work()
    expect(again.verdicts).toHaveLength(1)
    const { language } = world.model.manifest
    const cost = microCreditsOf(answerOperations(language, PROMPT.length, 6))
    expect(world.fixture.credit(ALICE) - cost).toBeLessThan(2)
    expect(world.fixture.credit(ALICE)).toBe(-world.fixture.balance('local'))
  })

  it('[G2] takes no end token from a stream', async () => {
    const world = new AnswersFixture()
    world.tab()
    await world.ask(world.request(6, PROMPT, { endTokens: [5] }))
    world.sayTokens({ from: 0, ids: [4, 5] })
    expect(world.heard).toEqual([])
  })
})
