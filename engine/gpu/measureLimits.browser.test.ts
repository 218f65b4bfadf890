import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { measureLimits } from './measureLimits.ts'

describe('what one dispatch may do on a device', () => {
  let device: GPUDevice
  beforeEach(async () => {
    device = await (await navigator.gpu.requestAdapter())!.requestDevice()
  })
  afterEach(() => device.destroy())

  const unmeasured = { code: 'kernel_failed', message: expect.stringContaining('could not be measured') }

  it('is not known of a device that was lost before, or while it was measured', async () => {
    const submit = vi.spyOn(device.queue, 'submit').mockImplementationOnce((commands) => {
      GPUQueue.prototype.submit.call(device.queue, commands)
      device.destroy()
    })
    await expect(measureLimits(device)).rejects.toMatchObject(unmeasured)
    expect(submit).toHaveBeenCalledTimes(1)
    await expect(measureLimits(device)).rejects.toMatchObject(unmeasured)
  })

  it('is not known of a device that does not do what it is told', async () => {
    vi.spyOn(device.queue, 'submit').mockImplementation(() => {})
    await expect(measureLimits(device)).rejects.toMatchObject(unmeasured)
  })

  it('is not less because the machine was busy while one probe ran', async () => {
    const now = performance.now.bind(performance)
    // As if the first probe had taken a minute.
    const clock = vi.spyOn(performance, 'now').mockImplementationOnce(() => now() - 60_000)
    clock.mockImplementation(now)
    try {
      expect((await measureLimits(device)).serialWork).toBeGreaterThan(2 ** 14)
    } finally {
      clock.mockRestore()
    }
  })

  it('is at least what was measured in a short time, and more for many workgroups than for one invocation', async () => {
    const { work, serialWork } = await measureLimits(device)
    expect(serialWork).toBeGreaterThanOrEqual(2 ** 14)
    expect(work).toBeGreaterThan(serialWork)
  })
})
