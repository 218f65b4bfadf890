import { expect, it } from 'vitest'
import { FakeComputeHost } from './fakeCompute.ts'
import { kernelLease } from './fakeRelay.ts'
import { faultyHost } from './faults.ts'
import { type Fault, faults } from './linkApi.ts'

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
    if (['none', 'vanish'].includes(fault)) expect(during).toEqual(right)
    else if (fault === 'stale') expect(during).toEqual(before)
    else if (fault === 'lose-device') expect(during).toEqual([])
    else {
      expect(during).toHaveLength(right.length)
      expect(during).not.toEqual(right)
    }
  })
}
