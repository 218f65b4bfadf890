import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { KernelDescriptor, KernelPass } from '../../shaders/kernel.ts'
import { matmulF32 } from '../../shaders/matmul-f32/kernel.ts'
import { openDevice } from './openDevice.ts'
import { createPipelineCache } from './pipelineCache.ts'

let device: GPUDevice
beforeAll(async () => {
  device = (await openDevice()).device
})
afterAll(() => {
  device?.destroy()
})

const multiply = matmulF32.variants
  .find(({ name }) => name === 'registerTile')!
  .passes.find(({ step }) => step === 'compute')!

const withProgram = (registerTile: string): KernelDescriptor => ({
  ...matmulF32,
  programs: { task: '', rowLoad: '', registerTile },
})

it("names the compiler's message and line when a program is wrong", async () => {
  const uncaptured = vi.fn()
  device.addEventListener('uncapturederror', uncaptured)
  const broken = withProgram('fn main() {\n  let x = nothing;\n}')
  const failed = createPipelineCache(device).compile(broken, multiply)
  await expect(failed).rejects.toMatchObject({
    code: 'kernel_failed',
    message: expect.stringMatching(/^matmul-f32 compute main did not compile: line 4:11: .*'nothing'/),
  })
  await device.queue.onSubmittedWorkDone()
  expect(uncaptured).not.toHaveBeenCalled()
})

it('names what is wrong when a program compiles and its layout does not fit', async () => {
  const misfit = withProgram(
    '@group(0) @binding(7) var<storage, read_write> c: array<u32>; override workgroupColumns = 1u;\n' +
      '@compute @workgroup_size(workgroupColumns) fn main() { c[0] = 1u; }',
  )
  await expect(createPipelineCache(device).compile(misfit, multiply)).rejects.toMatchObject({
    code: 'kernel_failed',
    message: expect.stringContaining('binding'),
  })
})

it('compiles the same pass once, and again when text, override or layout differ', async () => {
  const create = vi.spyOn(device, 'createComputePipelineAsync')
  const cache = createPipelineCache(device)
  const compile = (pass: KernelPass, kernel: KernelDescriptor = matmulF32) => cache.compile(kernel, pass)
  const first = await compile(multiply)
  expect(await compile({ ...multiply, overrides: { ...multiply.overrides } })).toBe(first)
  expect(create).toHaveBeenCalledTimes(1)
  const programs = { ...matmulF32.programs, task: `${matmulF32.programs.task}\n` }
  const others = [
    await compile(multiply, { ...matmulF32, programs }),
    await compile({ ...multiply, overrides: { workgroupColumns: 16 } }),
  ]
  for (const other of others) expect(other).not.toBe(first)
  expect(create).toHaveBeenCalledTimes(3)
  create.mockRestore()
})

it('keeps those that were wanted last, and compiles the others again', async () => {
  const create = vi.spyOn(device, 'createComputePipelineAsync')
  const cache = createPipelineCache(device, 2)
  const compile = (workgroupColumns: number) =>
    cache.compile(matmulF32, { ...multiply, overrides: { workgroupColumns } })
  const [first, second] = [await compile(8), await compile(16)]
  expect(await compile(8)).toBe(first)
  await compile(32)
  expect(await compile(8)).toBe(first)
  expect(create).toHaveBeenCalledTimes(3)
  expect(await compile(16)).not.toBe(second)
  expect(create).toHaveBeenCalledTimes(4)
  create.mockRestore()
})

it('forgets what failed: another time it may succeed', async () => {
  const create = vi.spyOn(device, 'createComputePipelineAsync')
  create.mockRejectedValueOnce(new Error('The GPU process is busy.'))
  const cache = createPipelineCache(device)
  await expect(cache.compile(matmulF32, multiply)).rejects.toMatchObject({ code: 'kernel_failed' })
  const compiled = await cache.compile(matmulF32, multiply)
  expect(await cache.compile(matmulF32, multiply)).toBe(compiled)
  create.mockRestore()
})
