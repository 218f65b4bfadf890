import { expect, it } from 'vitest'
import { openDevice } from './openDevice.ts'

it('says so when the browser has no WebGPU or no adapter', async () => {
  const none = Object.create(navigator.gpu, { requestAdapter: { value: async () => null } }) as GPU
  await expect(openDevice(none)).rejects.toMatchObject({ code: 'no_gpu' })
})

it('says so when the adapter gives no device', async () => {
  const adapter = (await navigator.gpu.requestAdapter())!
  const refusing = {
    features: adapter.features,
    limits: adapter.limits,
    requestDevice: () => Promise.reject(new DOMException('driver is busy', 'OperationError')),
  }
  const gpu = { requestAdapter: async () => refusing } as unknown as GPU
  await expect(openDevice(gpu)).rejects.toMatchObject({
    code: 'device_lost',
    message: 'The GPU adapter gave no device: driver is busy',
  })
})

it('opens a device with the largest buffers of its adapter', async () => {
  const adapter = (await navigator.gpu.requestAdapter())!
  const { device, info } = await openDevice()
  expect(info.limits.maxStorageBufferBindingSize).toBe(adapter.limits.maxStorageBufferBindingSize)
  expect(info.isFallbackAdapter).toBe(adapter.info.isFallbackAdapter)
  expect(info.features).toEqual([...device.features].sort())
  expect(info.languageFeatures).toEqual([...navigator.gpu.wgslLanguageFeatures].sort())
  device.destroy()
})
