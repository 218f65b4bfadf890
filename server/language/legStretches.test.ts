import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { inputHeader, outputHeader } from '../../protocol/receiptCommitment.ts'
import type { StageTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { decodeReceipt } from '../../protocol/tlog/decodeReceipt.ts'
import { endJob } from '../jobs/endJob.ts'
import { receiptsDue } from '../jobs/jobReceipts.ts'
import { parseReceiptId } from '../jobs/jobRecords.ts'
import { entryOfBlock } from '../ledger/log/logReader.ts'
import { rescueLeases } from '../maintenance/leaseRescuer.ts'
import { ALICE, BOB, CAROL } from '../placement/fakeTab.ts'
import type { LanguageTab } from '../placement/languageTab.ts'
import { RESUME_GRACE_MS } from '../placement/tabRegistry.ts'
import { AnswersFixture } from './fixtureAnswers.ts'

/** A world with one tab for each of three stages. */
function ring(options: ConstructorParameters<typeof AnswersFixture>[1] = {}) {
  const world = new AnswersFixture({}, options)
  const tabs = [0, 1, 2].map((stage) => world.tab([stage, stage], { address: [ALICE, BOB, CAROL][stage]! }))
  return { world, tabs }
}

const undrawn = { drawCheck: () => false }

function receiptOf(world: AnswersFixture, id: string) {
  const { store } = world.fixture
  const { task, generation } = parseReceiptId(id)!
  const index = store.entryOf(task, generation)!
  return decodeReceipt(entryOfBlock(store.logBlockAt(index)!, index))
}

const sha256 = (...parts: (string | Uint8Array)[]): Buffer => {
  const sum = createHash('sha256')
  for (const part of parts) sum.update(part)
  return sum.digest()
}

describe('the verdicts on a ring’s parts', () => {
  it.each([
    ['is drawn', () => true],
    ['is not drawn', () => false],
  ])('[S6] come at its end and not before, where it %s', async (_, drawCheck) => {
    const { world, tabs } = ring({ drawCheck })
    const job = await world.ask(world.request(5))
    let steps = 0
    await world.work(() => (++steps > 10 ? 'leave' : undefined))
    expect(world.heardIds().length).toBeGreaterThan(1)
    expect(tabs.flatMap((tab) => tab.verdicts)).toEqual([])
    await world.work()
    expect(job.ended).toBe('done')
    expect(tabs.map((tab) => tab.verdicts.length)).toEqual([1, 1, 1])
    expect(world.fixture.checker.checkedParts).toHaveLength(drawCheck() ? 3 : 0)
  })

  it('[S5] are one for each part: one receipt, one payment, and the work of all its steps', async () => {
    const { world, tabs } = ring()
    const leases: { tab: LanguageTab; task: number; generation: number }[] = []
    const job = await world.ask(world.request(5))
    await world.work((tab) => void leases.push({ tab, ...tab.hand[0]! }))
    expect(leases).toHaveLength(15)
    expect(receiptsDue(job)).toEqual(tabs.map(({ verdicts }) => verdicts[0]!.receipt))
    for (const tab of tabs) {
      const [verdict] = tab.verdicts
      const [first, ...later] = leases.filter((lease) => lease.tab === tab)
      expect(verdict).toMatchObject({ task: first!.task, generation: first!.generation })
      expect(verdict!.steps).toEqual(later.map(({ task, generation }) => [task, generation]))
      expect(verdict!.microCredits).toBe(String(world.fixture.credit(tab.tab.address)))
      const receipt = receiptOf(world, verdict!.receipt)
      expect(receipt).toMatchObject({ kind: 'stage', verdict: 'recomputed' })
      expect(receipt.microCredits).toBe(String(Math.ceil(receipt.operations / 1000)))
    }
    world.fixture.audit()
  })

  it('[S5] commit to every step’s inputs and outputs, in order', async () => {
    const { world, tabs } = ring()
    const seen: { spec: StageTask; outputs: readonly Tensor[] }[] = []
    await world.ask(world.request(4, [3, 4, 5]))
    await world.work((tab) => {
      if (tab !== tabs[1]) return
      const { spec } = tab.hand[0]!
      tab.work(tab.hand[0], (outputs) => {
        seen.push({ spec: spec as StageTask, outputs })
        return outputs
      })
      return 'done'
    })
    const { receipt: id, inputSalt, outputSalt } = tabs[1]!.verdicts[0]!
    const salts = { input: Buffer.from(inputSalt, 'hex'), output: Buffer.from(outputSalt, 'hex') }
    const step = (salt: Buffer, header: string, tensors: readonly Tensor[]): Buffer =>
      sha256(salt, `${header}\n`, ...tensors.map(({ bytes }) => bytes))
    const { session } = seen[0]!.spec
    expect(receiptOf(world, id)).toMatchObject({
      input: sha256(
        salts.input,
        `{"first":1,"last":1,"session":${session},"steps":4}\n`,
        ...seen.map(({ spec }) => step(salts.input, inputHeader(spec), spec.inputs)),
      ).toString('hex'),
      output: sha256(
        salts.output,
        '{"steps":4}\n',
        ...seen.map(({ outputs }) => step(salts.output, outputHeader(outputs), outputs)),
      ).toString('hex'),
    })
  })

  it('[S6] are made of one of its steps, each equally often', async () => {
    const positions: number[] = []
    for (let run = 0; run < 60; run++) {
      const { world } = ring()
      await world.ask(world.request(3, [1]))
      await world.work()
      for (const part of world.fixture.checker.checkedParts) positions.push((part as StageTask).position)
    }
    expect(positions).toHaveLength(180)
    for (const position of [0, 1, 2])
      expect(Math.abs(positions.filter((at) => at === position).length - 60)).toBeLessThan(35)
  })

  it('[S7] reject the part as a whole where the step is wrong: one receipt, no credit', async () => {
    const { world, tabs } = ring()
    const job = await world.ask(world.request(4))
    await world.work((tab) => {
      if (tab !== tabs[1]) return
      tab.work(tab.hand[0], (outputs) => {
        const bytes = outputs[0]!.bytes.slice()
        bytes[0]! ^= 1
        return [{ ...outputs[0]!, bytes }]
      })
      return 'done'
    })
    expect(job.error).toMatchObject({ code: 'task_failed' })
    expect(tabs[1]!.verdicts).toMatchObject([
      { verdict: 'rejected', microCredits: '0', steps: { length: 3 }, reason: 'The step is wrong.' },
    ])
    expect([world.fixture.credit(BOB), world.fixture.balance('local')]).toEqual([0, 0])
    world.fixture.audit()
  })

  it('[S5] come early for a tab that is lost in mid-answer, and pay what it returned', async () => {
    const { world, tabs } = ring(undrawn)
    const job = await world.ask(world.request(6))
    let steps = 0
    await world.work((tab) => (tab === tabs[1] && ++steps > 2 ? 'leave' : undefined))
    tabs[1]!.say({ type: 'leaving' })
    tabs[1]!.cut()
    tabs[1]!.hand = []
    await world.fixture.settle()
    expect(tabs[1]!.verdicts).toMatchObject([{ verdict: 'unsampled', steps: { length: 1 } }])
    expect([job.ended, String(world.fixture.credit(BOB))]).toEqual([null, tabs[1]!.verdicts[0]!.microCredits])
    world.tab([1, 1], { address: ALICE })
    await world.work()
    expect(job.ended).toBe('done')
    world.fixture.audit()
  })

  it('[S5] are several where another account pays from some step on: a posting has one payer', async () => {
    const { world, tabs } = ring(undrawn)
    const job = await world.ask(world.request(6))
    let steps = 0
    await world.work((tab) => (tab === tabs[1] && ++steps > 2 ? 'leave' : undefined))
    tabs[1]!.cut()
    tabs[1]!.hand = []
    world.fixture.clock.advance(RESUME_GRACE_MS)
    rescueLeases(world.core)
    const heir = world.tab([1, 1], { address: ALICE })
    await world.work()
    expect(job.ended).toBe('done')
    expect(tabs[1]!.verdicts).toHaveLength(1)
    // Its first rows were done before and are the operator's.
    expect(heir.verdicts).toHaveLength(2)
    expect(-world.fixture.balance('operator')).toBe(Number(heir.verdicts[0]!.microCredits))
    world.fixture.audit()
  })

  it('[S5] pay an address each row of a stage once an answer, however often it leaves and comes back', async () => {
    const undisturbed = ring(undrawn)
    await undisturbed.world.ask(undisturbed.world.request(6))
    await undisturbed.world.work()
    const { world, tabs } = ring(undrawn)
    const job = await world.ask(world.request(6))
    const loseAfter = async (lost: LanguageTab, most: number): Promise<void> => {
      let steps = 0
      await world.work((tab) => (tab === lost && ++steps > most ? 'leave' : undefined))
      lost.say({ type: 'leaving' })
      lost.cut()
      lost.hand = []
      world.tabs.splice(world.tabs.indexOf(lost), 1)
    }
    await loseAfter(tabs[1]!, 3)
    const again = world.tab([1, 1], { address: BOB })
    await loseAfter(again, 3)
    // Its receipt says what it did, for nothing.
    expect(again.verdicts[0]).toMatchObject({ verdict: 'unsampled', microCredits: '0' })
    expect(world.fixture.balance('operator')).toBe(0)
    // Another one is paid for the same rows, by the operator.
    const heir = world.tab([1, 1], { address: ALICE })
    await loseAfter(heir, 1)
    expect(Number(heir.verdicts[0]!.microCredits)).toBeGreaterThan(0)
    expect(-world.fixture.balance('operator')).toBe(Number(heir.verdicts[0]!.microCredits))
    const last = world.tab([1, 1], { address: BOB })
    await world.work()
    expect(job.ended).toBe('done')
    expect(last.verdicts[0]).toMatchObject({ microCredits: '0' })
    expect(-world.fixture.balance('operator')).toBe(Number(heir.verdicts[0]!.microCredits))
    // Each stretch is rounded up by itself.
    const paid = -world.fixture.balance('local') + undisturbed.world.fixture.balance('local')
    expect([paid >= 0, paid < 6]).toEqual([true, true])
    world.fixture.audit()
  })

  it('come after every 256 steps of a long answer', async () => {
    const { world, tabs } = ring(undrawn)
    await world.ask(world.request(300, [1]))
    await world.work()
    expect(tabs.map(({ verdicts }) => verdicts.map(({ steps }) => 1 + steps!.length))).toEqual(
      Array.from({ length: 3 }, () => [256, 44]),
    )
    world.fixture.audit()
  }, 20_000)
})

describe('an answer that ends before its time', () => {
  it.each([
    ['drawn', () => true],
    ['not drawn', () => false],
  ])('[X2] is charged for what was streamed, and its tabs are paid: parts %s', async (_, drawCheck) => {
    const { world, tabs } = ring({ drawCheck })
    const job = await world.ask(world.request(50))
    let steps = 0
    await world.work(() => (++steps > 12 ? 'leave' : undefined))
    expect(world.heardIds().length).toBeGreaterThan(2)
    endJob(world.core, job, 'cancelled', {})
    expect(tabs.flatMap((tab) => tab.hand)).toEqual([])
    await world.fixture.settle()
    const earned = [ALICE, BOB, CAROL].map((address) => world.fixture.credit(address))
    for (const credit of earned) expect(credit).toBeGreaterThan(0)
    expect(-world.fixture.balance('local')).toBe(earned[0]! + earned[1]! + earned[2]!)
    expect(world.fixture.checker.checkedParts).toHaveLength(drawCheck() ? 3 : 0)
    expect([world.core.openInputBytes, world.core.reserved.size, world.core.answers.keptBytes]).toEqual([
      0, 0, 0,
    ])
    expect(job.tasks.size - [...job.tasks.values()].filter(({ state }) => state === 'cancelled').length).toBe(
      0,
    )
    world.fixture.audit()
  })

  it.each(['right', 'none'])(
    '[X2] holds the price of its parts until their verdicts are there: %s',
    async (verdict) => {
      const { world, tabs } = ring()
      const key = world.fixture.keys.create('a', 1_000_000)
      await world.fixture.settle()
      const requester = `key:${(await key).id}`
      const job = await world.ask(world.request(50), { requester })
      let steps = 0
      await world.work(() => (++steps > 12 ? 'leave' : undefined))
      let release = (): void => {}
      world.fixture.checker.wait = new Promise((resolve) => (release = resolve))
      if (verdict === 'none') world.fixture.checker.broken = new Error('no memory')
      endJob(world.core, job, 'cancelled', {})
      await world.fixture.settle()
      const held = world.core.reserved.get(requester)!
      expect([held > 0, world.fixture.balance(requester), tabs[0]!.verdicts]).toEqual([true, 0, []])
      release()
      await world.fixture.settle()
      for (let again = 1; verdict === 'none' && again < 10; again++) {
        world.fixture.clock.advance(1_000)
        await world.fixture.settle()
      }
      expect([world.core.reserved.get(requester), world.fixture.balance(requester)]).toEqual([
        undefined,
        verdict === 'right' ? -held : 0,
      ])
      expect(world.core.answers.keptBytes).toBe(0)
      world.fixture.audit()
    },
  )

  it('[X2] costs nothing where no token was heard; the operator pays its tabs', async () => {
    const { world } = ring(undrawn)
    const job = await world.ask(world.request(50))
    let steps = 0
    await world.work(() => (++steps > 1 ? 'leave' : undefined))
    endJob(world.core, job, 'cancelled', {})
    await world.fixture.settle()
    expect(world.fixture.credit(ALICE)).toBeGreaterThan(0)
    expect([world.fixture.balance('local'), world.fixture.balance('operator')]).toEqual([
      0,
      -world.fixture.credit(ALICE),
    ])
    world.fixture.audit()
  })

  it('[X2] with a wrong part is charged for the others', async () => {
    const { world, tabs } = ring()
    const job = await world.ask(world.request(50))
    let steps = 0
    await world.work((tab) => {
      if (++steps > 12) return 'leave'
      if (tab !== tabs[1]) return
      tab.work(tab.hand[0], (outputs) => {
        const bytes = outputs[0]!.bytes.slice()
        bytes[0]! ^= 1
        return [{ ...outputs[0]!, bytes }]
      })
      return 'done'
    })
    endJob(world.core, job, 'cancelled', {})
    await world.fixture.settle()
    expect(tabs[1]!.verdicts).toMatchObject([{ verdict: 'rejected' }])
    expect(-world.fixture.balance('local')).toBe(world.fixture.credit(ALICE) + world.fixture.credit(CAROL))
    world.fixture.audit()
  })
})
