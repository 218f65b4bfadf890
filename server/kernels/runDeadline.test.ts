import { expect, it } from 'vitest'
import { descriptionTensor } from '../../protocol/kernel/customTask.ts'
import { tensorOf } from '../../protocol/tensor.ts'
import { doubling } from './fixtureKernel.ts'
import { parseCustomKernel } from './kernelBody.ts'
import { runDeadlineMs } from './runDeadline.ts'

const description = (repeat: number) => descriptionTensor(parseCustomKernel({ ...doubling, repeat }))
const MiB = 1024 * 1024

it('a run that is not timed has 40 s, a timed one 8 s more, and each MiB there and back a second', () => {
  expect(runDeadlineMs([description(0)], 16)).toBe(40_000)
  expect(runDeadlineMs([description(100)], 16)).toBe(48_000)
  const input = tensorOf('x', 'UINT8', [3 * MiB], new Uint8Array(3 * MiB))
  expect(runDeadlineMs([description(0), input], 2 * MiB)).toBe(45_000)
})
