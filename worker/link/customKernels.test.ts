import { describe, expect, it } from 'vitest'
import type { Lease } from '../../protocol/task.ts'
import { testSession } from './testSession.ts'

const customLease = (task: number): Lease => ({
  task,
  generation: 1,
  leaseMs: 15_000,
  spec: { kind: 'custom', subject: 'ab'.repeat(32), inputs: [] },
})

describe('[K11] programs of requesters', () => {
  it('are not offered and not run unless the contributor switched them on', async () => {
    const { begin, relay, compute } = testSession()
    await begin()
    expect(relay.all('hello')[0]!.kernels).toEqual(['matmul-i8'])
    relay.lease(customLease(1))
    expect(compute.started).toBe(0)
    expect(relay.all('handback')).toMatchObject([{ leases: [[1, 1]], reason: 'not-ready' }])
  })

  it('run where they are switched on, and no more once they are switched off', async () => {
    const { begin, relay, compute, session } = testSession({ customKernels: true })
    await begin()
    expect(relay.all('hello')[0]!.kernels).toEqual(['matmul-i8', 'custom'])
    relay.lease(customLease(1))
    expect(compute.started).toBe(1)
    compute.runs[0]!.finish()
    session.change({ customKernels: false })
    relay.lease(customLease(2))
    expect(compute.started).toBe(1)
    expect(relay.all('handback')).toMatchObject([{ leases: [[2, 1]], reason: 'not-ready' }])
  })
})
