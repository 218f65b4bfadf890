import { expect, it, vi } from 'vitest'
import { customDevice } from './customDevice.ts'

it('refuses custom kernels for good, and says why, where the device could not be measured', async () => {
  const made: GPUDevice[] = []
  const { requestDevice } = GPUAdapter.prototype
  const request = vi.spyOn(GPUAdapter.prototype, 'requestDevice').mockImplementation(async function (
    this: GPUAdapter,
    wanted,
  ) {
    const device = await requestDevice.call(this, wanted)
    vi.spyOn(device.queue, 'submit').mockImplementation(() => {})
    made.push(device)
    return device
  })
  const refusal = {
    code: 'kernel_failed',
    message: expect.stringMatching(/could not be measured, so it runs no custom kernels/),
  }
  await expect(customDevice()).rejects.toMatchObject(refusal)
  expect((await made[0]!.lost).reason).toBe('destroyed')
  await expect(customDevice()).rejects.toMatchObject(refusal)
  expect(request).toHaveBeenCalledTimes(1)
})
