import { describe, expect, it } from 'vitest'
import { hostileKernels } from '../../../protocol/kernel/fixtureHostileKernels.ts'
import { kernelLimits } from '../../../protocol/kernel/kernelProgram.ts'
import { readDeclarations } from '../readDeclarations.ts'
import { judgeKernel } from './judgeKernel.ts'

/** Longest time that the lab computes for one program before it runs, ms: its page does nothing else meanwhile. */
const READ_MS = 400

function cpuMs(read: () => void): number {
  const before = process.threadCpuUsage()
  read()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

describe('the lab and kernels that mean harm', () => {
  for (const kernel of hostileKernels)
    it(`(${kernel.name}) are described and judged without a freeze`, () => {
      expect(cpuMs(() => readDeclarations(kernel.program))).toBeLessThan(READ_MS)
      expect(cpuMs(() => judgeKernel(kernel, kernelLimits))).toBeLessThan(READ_MS)
    })
})
