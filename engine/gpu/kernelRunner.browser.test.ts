import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { seededInt8 } from '../../protocol/seededInputs.ts'
import type { KernelTask } from '../../protocol/task.ts'
import { elementsOf, tensorOf } from '../../protocol/tensor.ts'
import { matmulI8Reference } from '../../shaders/matmul-i8/reference.ts'
import { createKernelRunner, type KernelRunner } from './kernelRunner.ts'
import { type OpenedDevice, openDevice } from './openDevice.ts'

const seeded = (m: number, k: number, n: number, seed = 1): KernelTask => ({
  kind: 'kernel',
  kernel: 'matmul-i8',
  subject: '',
  shape: { m, k, n },
  seed,
  inputs: [],
})

const expectedOf = ({ shape, seed }: KernelTask): Int32Array => {
  const { m, k, n } = shape
  return matmulI8Reference(seededInt8(seed!, 0, m * k), seededInt8(seed!, 1, k * n), shape)
}

describe('the kernel runner', () => {
  let opened: OpenedDevice
  let runner: KernelRunner
  beforeEach(async () => {
    opened = await openDevice()
    // Short submits, so that tasks of the tests' size take many on any device: on an NVIDIA H100 two of 1 ms were enough.
    runner = createKernelRunner(opened.device, opened.info, { submitMs: 0.05 })
  })
  afterEach(() => {
    runner.dispose()
    opened.device.destroy()
  })

  /** Calls `act` inside the submit of that number (1 is the first) and counts all submits. */
  function atSubmit(number: number, act: () => void): () => number {
    const { queue } = opened.device
    const submit = queue.submit.bind(queue)
    let count = 0
    queue.submit = (commands) => {
      submit(commands)
      if (++count === number) act()
    }
    return () => count
  }

  it('submits nothing more once its signal fires', async () => {
    const controller = new AbortController()
    const submits = atSubmit(3, () => controller.abort())
    await expect(runner.run(seeded(512, 256, 512), controller.signal)).rejects.toMatchObject({
      code: 'cancelled',
    })
    // The next task waits for its turn and for the buffers, so whatever the first one still did lies before it.
    const next = seeded(8, 8, 8)
    const [c] = await runner.run(next)
    expect(elementsOf(c!)).toEqual(expectedOf(next))
    expect(submits()).toBe(4)
  })

  it('cuts a long task into several submits', async () => {
    const submits = atSubmit(0, () => {})
    await runner.run(seeded(256, 256, 256))
    expect(submits()).toBeGreaterThan(1)
  })

  it('submits nothing for a signal that fired before', async () => {
    const submits = atSubmit(0, () => {})
    await expect(runner.run(seeded(8, 8, 8), AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    })
    expect(submits()).toBe(0)
  })

  it('gives buffers of an aborted task to the next one unharmed', async () => {
    const controller = new AbortController()
    atSubmit(3, () => controller.abort())
    await expect(runner.run(seeded(256, 256, 256, 5), controller.signal)).rejects.toMatchObject({
      code: 'cancelled',
    })
    const next = seeded(256, 256, 256, 6)
    const [c] = await runner.run(next)
    expect(elementsOf(c!)).toEqual(expectedOf(next))
  })

  it('rejects what runs and what comes after when the device is lost', async () => {
    atSubmit(2, () => opened.device.destroy())
    const runs = [runner.run(seeded(512, 256, 512)), runner.run(seeded(8, 8, 8))]
    for (const run of runs) await expect(run).rejects.toMatchObject({ code: 'device_lost' })
    await expect(runner.run(seeded(8, 8, 8))).rejects.toMatchObject({ code: 'device_lost' })
  })

  it('rejects what runs when it is disposed of', async () => {
    atSubmit(2, () => runner.dispose())
    await expect(runner.run(seeded(512, 256, 512))).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('gives each of several tasks at once its own result', async () => {
    const tasks = [seeded(33, 20, 40, 1), seeded(33, 20, 40, 2), seeded(5, 6, 7, 3), seeded(33, 20, 40, 4)]
    const results = await Promise.all(tasks.map((task) => runner.run(task)))
    for (const [index, [c]] of results.entries()) expect(elementsOf(c!)).toEqual(expectedOf(tasks[index]!))
  })

  it('makes no buffer for a shape that it has run before', async () => {
    await runner.run(seeded(33, 20, 40, 1))
    const createBuffer = vi.spyOn(opened.device, 'createBuffer')
    const createPipeline = vi.spyOn(opened.device, 'createComputePipelineAsync')
    const task = seeded(33, 20, 40, 2)
    const [c] = await runner.run(task)
    expect(elementsOf(c!)).toEqual(expectedOf(task))
    expect(createBuffer).not.toHaveBeenCalled()
    expect(createPipeline).not.toHaveBeenCalled()
  })

  it('refuses a result that is larger than the device can bind, with the values', async () => {
    const most = opened.device.limits.maxStorageBufferBindingSize
    await expect(runner.run(seeded(65_536, 1, 65_536))).rejects.toMatchObject({
      code: 'out_of_memory',
      message: `matmul-i8 needs ${65_536 * 65_536 * 4} bytes for c; this device binds at most ${most}.`,
    })
  })

  it('refuses an empty shape and inputs that do not fit', async () => {
    await expect(runner.run(seeded(0, 1, 1))).rejects.toMatchObject({ code: 'invalid_value', param: 'm' })
    const a = tensorOf('a', 'INT8', [2, 2], new Int8Array(4))
    const given = { ...seeded(2, 2, 2), seed: null }
    await expect(runner.run({ ...given, inputs: [a] })).rejects.toMatchObject({ code: 'invalid_value' })
    const b = tensorOf('b', 'UINT8', [2, 2], new Uint8Array(4))
    await expect(runner.run({ ...given, inputs: [a, b] })).rejects.toMatchObject({
      message: 'Input b must be INT8[2,2] and is UINT8[2,2].',
    })
  })
})
