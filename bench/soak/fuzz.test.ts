import { describe, expect, it } from 'vitest'
import { hostileModels } from '../../models/hostileModels.ts'
import { fuzzRelay, hostileFiles } from './fuzz.soak.ts'

/** A fiftieth of the long run. */
const SCALE = 1 / 50

describe('a relay under fuzz', () => {
  it('names every refusal, stays up, and pays no attacker', { timeout: 120_000 }, async () => {
    await expect(fuzzRelay(SCALE)).resolves.toBeUndefined()
  })

  it('imports no hostile ONNX file, nor one of their variations that is not sound', {
    timeout: 120_000,
  }, async () => {
    expect(hostileModels.length).toBeGreaterThanOrEqual(20)
    expect(await hostileFiles(2)).toBeGreaterThanOrEqual(hostileModels.length)
  })
})
