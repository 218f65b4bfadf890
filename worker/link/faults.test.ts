import { expect, it, vi } from 'vitest'
import type { StageTask } from '../../protocol/task.ts'
import { tensorOf } from '../../protocol/tensor.ts'
import { FakeComputeHost } from './fakeCompute.ts'
import { kernelLease } from './fakeRelay.ts'
import { faultyHost } from './faults.ts'
import { IDLE_STAGE_MS } from './idleStage.ts'
import { type Fault, faults } from './linkApi.ts'
import { testLanguageModel } from './testSession.ts'

async function outputsWith(fault: Fault): Promise<number[][]> {
  const host = new FakeComputeHost()
  host.immediate = true
  let now: Fault = 'none'
  const compute = await faultyHost(host, { now: () => now, spent: () => (now = 'none') }).spawn()
  const outputs: number[][] = []
  for (now of ['none', fault, 'none'] as const) {
    const outcome = await compute.run(kernelLease(1).spec, 1).catch(() => null)
    outputs.push([...(outcome?.outputs[0]?.bytes ?? [])])
  }
  return outputs
}

const right = Array(8).fill(1)

for (const fault of faults) {
  it(`${fault}: bends only the result for which it is switched on`, async () => {
    const [before, during, after] = await outputsWith(fault)
    expect([before, after]).toEqual([right, right])
    if (['none', 'vanish', 'idle-stage'].includes(fault)) expect(during).toEqual(right)
    else if (fault === 'stale') expect(during).toEqual(before)
    else if (fault === 'lose-device') expect(during).toEqual([])
    else {
      expect(during).toHaveLength(right.length)
      expect(during).not.toEqual(right)
    }
  })
}

it('idle-stage: gives outputs of the right form after a while, without computing', async () => {
  vi.useFakeTimers()
  const { model } = await testLanguageModel('lm', 2)
  const host = new FakeComputeHost()
  const compute = await faultyHost(host, { now: () => 'idle-stage', spent: () => {} }).spawn()
  await compute.loadModel(model, new Map(), { first: 0, last: 1 })
  const ids = tensorOf('ids', 'INT32', [3], new Int32Array(3))
  const step = (first: number, last: number): StageTask => ({
    kind: 'stage',
    model: model.hash,
    first,
    last,
    session: 1,
    position: 0,
    inputs: [ids],
  })
  const outcomes = Promise.all([compute.run(step(0, 0), 1), compute.run(step(0, 1), 2)])
  let ended = false
  void outcomes.then(() => {
    ended = true
  })
  await vi.advanceTimersByTimeAsync(IDLE_STAGE_MS)
  expect(ended).toBe(false)
  await vi.advanceTimersByTimeAsync(IDLE_STAGE_MS)
  vi.useRealTimers()
  const forms = (await outcomes).map(({ outputs }) => outputs.map(({ name, shape }) => [name, shape]))
  expect(forms).toEqual([
    [['hidden', [3, 8]]],
    [
      ['ids', [1]],
      ['finish', [1]],
    ],
  ])
  expect(host.started).toBe(0)
})
