import { expect, it } from 'vitest'
import { createCompiledPrograms } from './compiledPrograms.ts'
import { openLabDevice } from './openLabDevice.ts'
import { preparePlan } from './preparePlan.ts'

it('compiles passes that differ in their buffers alone once', async () => {
  const { device } = await openLabDevice()
  let compiled = 0
  const create = device.createComputePipelineAsync.bind(device)
  device.createComputePipelineAsync = (descriptor) => {
    compiled++
    return create(descriptor)
  }
  const program = `override by = 1u;
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;
@compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) { y[id.x] = x[id.x] + by; }`
  const pass = (from: string, to: string, by: number) => ({
    program: 0,
    entryPoint: 'main',
    constants: { by },
    bindings: [
      { group: 0, binding: 0, space: 'read' as const, buffer: from },
      { group: 0, binding: 1, space: 'read_write' as const, buffer: to },
    ],
    dispatch: [1, 1, 1] as const,
  })
  const prepared = await preparePlan(device, createCompiledPrograms(device), {
    programs: [program],
    buffers: [
      { name: 'a', bytes: 16, role: 'input' },
      { name: 'b', bytes: 16, role: 'scratch' },
      { name: 'c', bytes: 16, role: 'output' },
    ],
    passes: [pass('a', 'b', 1), pass('b', 'a', 1), pass('a', 'b', 1), pass('b', 'c', 40)],
  })
  prepared.fill(new Map([['a', new Uint8Array(Uint32Array.of(1, 2, 3, 4).buffer)]]))
  const outputs = await prepared.run()
  expect([...new Uint32Array(outputs.get('c')!.buffer)]).toEqual([44, 45, 46, 47])
  expect(compiled).toBe(2)
  prepared.destroy()
  device.destroy()
})
