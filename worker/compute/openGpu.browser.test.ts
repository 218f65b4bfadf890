import { clear, createStore } from 'idb-keyval'
import { afterEach, expect, it, vi } from 'vitest'
import type { TuningReport } from '../../protocol/messages.ts'
import type { KernelTask } from '../../protocol/task.ts'
import { openGpu } from './openGpu.ts'

afterEach(() => {
  vi.useRealTimers()
})

const task: KernelTask = {
  kind: 'kernel',
  kernel: 'matmul-f32',
  subject: '0'.repeat(64),
  shape: { m: 24, k: 24, n: 24 },
  seed: 1,
  inputs: [],
}

/** What a GPU tells of its tuning, once. */
const toldBy = (gpu: Awaited<ReturnType<typeof openGpu>>) =>
  new Promise<TuningReport>((resolve) => gpu!.tuning!.hear(resolve))

it('tunes the kernel of a task once the tab rests, says so, and knows it on the next visit', async () => {
  await clear(createStore('opentab-tuning', 'kernels'))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const gpu = await openGpu()
  const told = toldBy(gpu)
  const [c] = await gpu!.tuning!.during(() => gpu!.runner.run(task))
  vi.advanceTimersByTime(10_000)
  const report = await told
  expect(report.struck).toEqual([])
  expect(report.choices).toMatchObject([{ kernel: 'matmul-f32', shapeClass: 'k=32 m=32 n=32' }])
  expect(report.choices[0]!.programs).toMatch(/^[0-9a-f]{64}$/)
  const [again] = await gpu!.runner.run(task)
  expect(again!.shape).toEqual(c!.shape)
  gpu!.destroy()

  const later = await openGpu()
  expect((await toldBy(later)).choices).toEqual(report.choices)
  later!.destroy()
})
