import { expect, it } from 'vitest'
import { ComputeKeeper, STOP_MS } from './computeKeeper.ts'
import { FakeClock } from './fakeClock.ts'
import { FakeComputeHost } from './fakeCompute.ts'

function keeper() {
  const clock = new FakeClock()
  const compute = new FakeComputeHost()
  const options = { wasmThreads: 1, wasmBinary: new ArrayBuffer(8), memoryBytes: 0 }
  return {
    clock,
    compute,
    keeper: new ComputeKeeper({ clock, compute, computeOptions: async () => options }),
  }
}

it('tells compute to stop and kills it 200 ms later, whether it answered or not', async () => {
  const { keeper: k, clock, compute } = keeper()
  await k.open()
  let gone = false
  void k.end().then(() => {
    gone = true
  })
  expect([compute.stopped, k.api]).toEqual([1, null])
  await clock.advance(STOP_MS - 1)
  expect([compute.killed, gone]).toEqual([0, false])
  await clock.advance(1)
  expect([compute.killed, gone]).toEqual([1, true])
})

it('kills a worker that is only there after the end', async () => {
  const { keeper: k, clock, compute } = keeper()
  const spawn = compute.spawn.bind(compute)
  let arrive = () => {}
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  compute.spawn = () => arrived.then(spawn)
  const opening = k.open()
  void k.end()
  await clock.advance(STOP_MS)
  arrive()
  expect(await opening).toBeNull()
  expect([compute.spawned, compute.killed]).toEqual([1, 1])
})

it('does not rebuild after the end', async () => {
  const { keeper: k, clock, compute } = keeper()
  await k.open()
  k.rebuild(
    40_000,
    () => {},
    () => {},
  )
  void k.end()
  await clock.advance(60_000)
  expect(compute.spawned).toBe(1)
})

it('says why a worker could not be rebuilt', async () => {
  const { keeper: k, clock, compute } = keeper()
  await k.open()
  compute.openError = new Error('no adapter')
  const failures: unknown[] = []
  k.rebuild(
    1000,
    () => {},
    (error) => failures.push(error),
  )
  expect(compute.killed).toBe(1)
  await clock.advance(1000)
  expect(failures).toEqual([compute.openError])
})
