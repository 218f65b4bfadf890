import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkKernel } from '../../protocol/kernel/checkKernel.ts'
import { brokenKernels, soundKernel } from '../../protocol/kernel/fixtureBrokenKernels.ts'
import type { KernelProgram } from '../../protocol/kernel/kernelProgram.ts'
import { openDevice } from './openDevice.ts'

describe('a program with a fault', () => {
  let device: GPUDevice
  beforeAll(async () => {
    device = (await openDevice()).device
  })
  afterAll(() => device.destroy())

  /** Line of the compiler's first error; null where it has none, or none with a place. */
  async function compilersLine({ program }: KernelProgram): Promise<number | null> {
    device.pushErrorScope('validation')
    const { messages } = await device.createShaderModule({ code: program }).getCompilationInfo()
    await device.popErrorScope()
    return messages.find(({ type, lineNum }) => type === 'error' && lineNum > 0)?.lineNum ?? null
  }
  const gatesLine = (kernel: KernelProgram): number | null => {
    const verdict = checkKernel(kernel)
    return verdict.ok ? null : verdict.refusals[0]!.line
  }

  it('is no program without one', async () => {
    expect([gatesLine(soundKernel), await compilersLine(soundKernel)]).toEqual([null, null])
    expect(brokenKernels.length).toBeGreaterThanOrEqual(50)
  })

  for (const kernel of brokenKernels) {
    it(`(${kernel.name}) is marked at its line`, async () => {
      expect((await compilersLine(kernel)) ?? gatesLine(kernel)).toBe(kernel.line)
      // The gate does not see every fault.
      expect([null, kernel.line]).toContain(gatesLine(kernel))
    })
  }
})
