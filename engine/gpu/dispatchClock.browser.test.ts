import { afterEach, describe, expect, it } from 'vitest'
import { createDispatchClock, type EncodeRun } from './dispatchClock.ts'

const devices: GPUDevice[] = []
afterEach(() => {
  for (const device of devices.splice(0)) device.destroy()
})

/** A run of some milliseconds on a software adapter. */
async function opened(requiredFeatures: GPUFeatureName[]) {
  const adapter = (await navigator.gpu.requestAdapter())!
  const device = await adapter.requestDevice({ requiredFeatures })
  devices.push(device)
  const module = device.createShaderModule({
    code: '@group(0) @binding(0) var<storage, read_write> out: array<u32>;\n@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) { for (var i = 0u; i < 20000u; i++) { out[id.x] += i; } }',
  })
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } })
  const buffer = device.createBuffer({ size: 4096, usage: GPUBufferUsage.STORAGE })
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer } }],
  })
  const encode: EncodeRun = (pass) => {
    pass.setPipeline(pipeline)
    pass.setBindGroup(0, group)
    pass.dispatchWorkgroups(16)
  }
  return { device, encode }
}

describe('a clock for dispatches', () => {
  for (const [method, features] of [
    ['wall', []],
    ['timestamps', ['timestamp-query']],
  ] as const) {
    it(`takes ${method} on a device ${features.length > 0 ? 'with' : 'without'} the feature, longer for more runs`, async ({
      skip,
    }) => {
      const adapter = (await navigator.gpu.requestAdapter())!
      if (!features.every((feature) => adapter.features.has(feature))) skip('this adapter has no timestamps')
      const { device, encode } = await opened([...features])
      const clock = createDispatchClock(device)
      expect(clock.method).toBe(method)
      await clock.measure(encode, 1)
      const one = await clock.measure(encode, 1)
      const ten = await clock.measure(encode, 10)
      expect(one).toBeGreaterThan(0)
      expect(ten).toBeGreaterThan(one)
      clock.destroy()
    })
  }
})
