import script from 'onnxruntime-web/jspi?url'
import binary from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url'
import { expect, it, vi } from 'vitest'
import { createKernelRunner } from '../gpu/kernelRunner.ts'
import { openDevice } from '../gpu/openDevice.ts'
import type { OrtRuntime } from './ortRuntime.ts'
import { probeModel, probeTask } from './probeGraph.ts'
import { createWebgpuRunner } from './webgpuRunner.ts'

it('runs a graph on the device of the kernels, which outlives its sessions', async () => {
  const { device, info } = await openDevice()
  const runtime = (await import(/* @vite-ignore */ script)) as OrtRuntime
  const wasmBinary = await (await fetch(binary)).arrayBuffer()
  const runner = await createWebgpuRunner({ device, wasmBinary, loadRuntime: async () => runtime })
  const { model, readShard } = probeModel()
  await runner.load(model, readShard)

  const compiled = vi.spyOn(device, 'createShaderModule')
  const [y] = await runner.run(probeTask())
  expect(compiled.mock.calls.length, 'shaders that ONNX Runtime compiled on our device').toBeGreaterThan(1)
  const values = new Float32Array(y!.bytes.buffer, y!.bytes.byteOffset, y!.bytes.byteLength / 4)
  expect(values.length).toBe(64 * 384)
  // Each of the four layers adds 0.01 to every element (probeGraph.test.ts).
  for (const value of [values[0], values[12_345], values.at(-1)]) expect(value).toBeCloseTo(0.54, 4)

  await runner.unload(model.hash)
  const kernels = createKernelRunner(device, info)
  const [c] = await kernels.run({
    kind: 'kernel',
    kernel: 'matmul-f32',
    subject: '0'.repeat(64),
    shape: { m: 8, k: 8, n: 8 },
    seed: 1,
    inputs: [],
  })
  expect(c?.shape).toEqual([8, 8])
  await runner.load(model, readShard)
  const [again] = await runner.run(probeTask())
  expect(again?.bytes).toEqual(y?.bytes)
  device.destroy()
})
