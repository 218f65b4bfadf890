import { describe, expect, it } from 'vitest'
import { checkKernel } from './checkKernel.ts'
import { brokenKernels } from './fixtureBrokenKernels.ts'
import { type HostileFate, hostileKernels, isFate } from './fixtureHostileKernels.ts'

/** Longest time that the gate computes for one program, ms: it runs on the relay's one thread. */
const GATE_MS = 200

describe('the gate and kernels that mean harm', () => {
  it('has at least 60 of them', () => {
    expect(hostileKernels.length).toBeGreaterThanOrEqual(60)
    expect(new Set(hostileKernels.map(({ name }) => name)).size).toBe(hostileKernels.length)
  })

  for (const kernel of hostileKernels) {
    it(`(${kernel.name}) refuses it by its rule or bounds its loops`, () => {
      const before = process.threadCpuUsage()
      const verdict = checkKernel(kernel)
      const { user, system } = process.threadCpuUsage(before)
      expect((user + system) / 1000).toBeLessThan(GATE_MS)
      if (!verdict.ok) {
        const { rule, line, column, message } = verdict.refusals[0]!
        expect({ fate: isFate(kernel, { refused: rule }), rule, message }).toMatchObject({ fate: true })
        expect(line).toBeGreaterThanOrEqual(1)
        expect(line).toBeLessThanOrEqual(kernel.program.split('\n').length)
        expect(column).toBeGreaterThanOrEqual(1)
        return
      }
      const open: HostileFate[] = ['ended', 'harmless', 'not-compiled']
      expect(open.some((fate) => isFate(kernel, fate))).toBe(true)
      if (isFate(kernel, 'ended')) expect(verdict.iterations).not.toBeNull()
    })
  }
})

describe('the gate and kernels with one fault', () => {
  const seen = brokenKernels.flatMap((kernel) => {
    const verdict = checkKernel(kernel)
    return verdict.ok ? [] : [{ kernel, refusal: verdict.refusals[0]! }]
  })

  it('sees more than half of them', () => {
    expect(seen.length).toBeGreaterThan(brokenKernels.length / 2)
  })

  for (const { kernel, refusal } of seen)
    it(`(${kernel.name}) marks it at its line`, () => {
      expect(refusal).toMatchObject({ line: kernel.line })
    })
})
