import { describe, expect, it } from 'vitest'
import { leaseAndLedger, permutedMessages } from './property.soak.ts'

/** A fiftieth of the long run. */
const RUNS = 200

describe('leases and ledger', () => {
  it('do what a plain model does, whatever happens', { timeout: 120_000 }, async () => {
    await expect(leaseAndLedger(RUNS)).resolves.toBeUndefined()
  })

  it('end the same whatever the order of messages and however often they come', {
    timeout: 120_000,
  }, async () => {
    await expect(permutedMessages(RUNS)).resolves.toBeUndefined()
  })
})
