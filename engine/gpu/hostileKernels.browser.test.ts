import { afterAll, describe, expect, it } from 'vitest'
import { OpentabError } from '../../protocol/errors.ts'
import { checkKernel } from '../../protocol/kernel/checkKernel.ts'
import { descriptionTensor } from '../../protocol/kernel/customTask.ts'
import {
  type HostileFate,
  type HostileKernel,
  hostileKernels,
  isFate,
} from '../../protocol/kernel/fixtureHostileKernels.ts'
import { elementsOf } from '../../protocol/tensor.ts'
import { customDevice, giveUpCustomDevice } from './customDevice.ts'
import { runCustomKernel } from './customKernels.ts'

/** Longest time that a kernel may hold a device, ms. */
const HELD_MS = 2_000

const taskOf = (kernel: HostileKernel) => ({
  kind: 'custom' as const,
  subject: '',
  inputs: [
    descriptionTensor({
      ...kernel,
      outputs: kernel.bindings.filter(({ type }) => type === 'storage').map(({ name }) => name),
      repeat: 0,
    }),
  ],
})

async function fateOf(kernel: HostileKernel): Promise<HostileFate | string> {
  try {
    await runCustomKernel(taskOf(kernel), new AbortController().signal)
    return 'harmless'
  } catch (error) {
    if (!(error instanceof OpentabError)) throw error
    if (error.code === 'kernel_ended') return 'ended'
    // The device is too slow for it.
    if (error.code === 'kernel_refused' && error.message.includes('(work)')) return { refused: 'work' }
    return error.code === 'kernel_failed' ? 'not-compiled' : `${error.code}: ${error.message}`
  }
}

/** What a tab does besides: it must go on as if nothing had been. */
const sane: HostileKernel = {
  name: 'counting',
  fate: 'harmless',
  program:
    '@group(0) @binding(0) var<storage, read_write> out: array<u32>;\n@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) { out[id.x] = id.x; }',
  entryPoint: 'main',
  bindings: [{ name: 'out', binding: 0, type: 'storage', datatype: 'UINT32', shape: [64] }],
  overrides: {},
  dispatch: [1, 1, 1],
}

describe('kernels that mean harm, on the device', () => {
  afterAll(async () => giveUpCustomDevice(await customDevice()))

  it('knows what the device can do', async () => {
    const { work, serialWork } = (await customDevice()).limits
    expect(work).toBeGreaterThan(serialWork)
    expect(serialWork).toBeGreaterThan(10_000)
  })

  it('gives a device up that does not come to an end, and takes a fresh one for the next kernel', async () => {
    const { device } = await customDevice()
    // As a driver that hangs: nothing is ever reported as done.
    device.queue.onSubmittedWorkDone = () => new Promise(() => {})
    expect(await fateOf(sane)).toBe('ended')
    expect(await device.lost).toMatchObject({ reason: 'destroyed' })
    expect(await fateOf(sane)).toBe('harmless')
    expect((await customDevice()).device).not.toBe(device)
  })

  for (const kernel of hostileKernels) {
    if (!checkKernel(kernel).ok) continue
    it(`(${kernel.name}) ends within ${HELD_MS} ms and leaves the device as it was`, async () => {
      const { device } = await customDevice()
      const startedAt = performance.now()
      const fate = await fateOf(kernel)
      const tookMs = performance.now() - startedAt
      expect(isFate(kernel, fate as HostileFate), JSON.stringify(fate)).toBe(true)
      expect(tookMs).toBeLessThan(HELD_MS)
      expect((await customDevice()).device).toBe(device)
      const [out] = await runCustomKernel(taskOf(sane), new AbortController().signal)
      expect([...(elementsOf(out!) as Uint32Array)].slice(0, 3)).toEqual([0, 1, 2])
    })
  }
})
