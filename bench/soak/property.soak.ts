import fc from 'fast-check'
import { FixtureCore } from '../../server/fixtureCore.ts'
import { ALICE, BOB, CAROL } from '../../server/placement/fakeTab.ts'
import { measure } from '../../server/placement/tab.ts'
import { rightOutputs, wrongOutputs } from '../../server/verify/stubChecker.ts'
import { anySteps, LeaseWorld, type Step } from './leaseCommands.ts'

const RUNS = 10_000

/** Leases and ledger do what the plain model does, whatever happens. @throws with the shortest steps that show a difference */
export async function leaseAndLedger(runs: number, seed?: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(anySteps, async (steps: Step[]) => {
      const world = new LeaseWorld()
      const told: string[] = []
      for (const step of steps) {
        told.push(step.name)
        try {
          await step.run(world)
          await world.check()
        } catch (error) {
          throw new Error(
            `${error instanceof Error ? error.message : String(error)}\nafter:\n  ${told.join('\n  ')}`,
            {
              cause: error,
            },
          )
        }
      }
    }),
    { numRuns: runs, ...(seed === undefined ? {} : { seed }) },
  )
}

/** Who ended with how much, when the results of the same leases arrive in this order. */
async function balancesAfter(
  order: readonly { lease: number; turn: boolean }[],
  right: readonly boolean[],
): Promise<string> {
  const fixture = new FixtureCore()
  const tabs = [ALICE, BOB, CAROL].map((address) => fixture.tab({ address }))
  for (const { tab } of tabs) measure(tab, 'kernel:matmul-i8', 2000, 0.1)
  await fixture.submit({ tasks: right.length }, { requester: 'key:a' })
  // The same leases in every order: nothing that is lost is given again.
  for (const tab of tabs) tab.say({ type: 'state', state: 'paused' })
  const leases = tabs
    .flatMap((tab) => tab.hand.map((lease) => ({ tab, lease })))
    .sort((a, b) => a.lease.task - b.lease.task)
  if (leases.length !== right.length) throw new Error(`${leases.length} of ${right.length} tasks were leased`)
  for (const { lease, turn } of order) {
    const given = leases[lease]!
    given.tab.answer([given.lease], ({ spec }) => (right[lease] ? rightOutputs(spec) : wrongOutputs()))
    if (turn) fixture.flush()
  }
  await fixture.settle()
  fixture.audit()
  const accounts = fixture.store.load().accounts.map(({ name, balance }) => `${name} ${balance}`)
  return [...accounts.sort(), ...fixture.store.verifiedOf(1).map(({ task }) => String(task))].join('\n')
}

/** The same messages in any order, any of them repeated, in turns of any size, make the same ledger. */
export async function permutedMessages(runs: number, seed?: number): Promise<void> {
  const scenario = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }).chain((right) => {
    const all = right.map((_, lease) => lease)
    return fc.record({
      right: fc.constant(right),
      order: fc
        .tuple(
          fc.shuffledSubarray(all, { minLength: all.length }),
          fc.array(fc.constantFrom(...all), { maxLength: 12 }),
        )
        .chain(([once, again]) =>
          fc.shuffledSubarray([...once, ...again], { minLength: once.length + again.length }),
        ),
      turns: fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }),
    })
  })
  await fc.assert(
    fc.asyncProperty(scenario, async ({ right, order, turns }) => {
      const plain = right.map((_, lease) => ({ lease, turn: false }))
      const mixed = order.map((lease, i) => ({ lease, turn: turns[i]! }))
      const [expected, got] = [await balancesAfter(plain, right), await balancesAfter(mixed, right)]
      if (expected !== got) throw new Error(`in order:\n${expected}\nmixed:\n${got}`)
    }),
    { numRuns: runs, ...(seed === undefined ? {} : { seed }) },
  )
}

export default async function property({ scale = 1 }: { scale?: number } = {}): Promise<void> {
  const runs = Math.max(1, Math.round(RUNS * scale))
  const startedAt = performance.now()
  console.log(`property: ${runs} runs of steps on leases and ledger beside the plain model`)
  await leaseAndLedger(runs)
  console.log(`property: ${runs} runs of permuted and repeated messages`)
  await permutedMessages(runs)
  console.log(
    `property: every run as the model has it, ${Math.round((performance.now() - startedAt) / 1000)} s`,
  )
}
