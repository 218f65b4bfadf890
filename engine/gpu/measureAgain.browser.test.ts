import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type CustomKernel, descriptionTensor } from '../../protocol/kernel/customTask.ts'
import { elementsOf } from '../../protocol/tensor.ts'
import { customDevice, giveUpCustomDevice } from './customDevice.ts'
import { runCustomKernel } from './customKernels.ts'
import { measureLimits } from './measureLimits.ts'

vi.mock('./measureLimits.ts', () => ({ measureLimits: vi.fn() }))

const kernel = (body: string): CustomKernel => ({
  program: `@group(0) @binding(0) var<storage, read_write> out: array<u32>;\n@compute @workgroup_size(32) fn main(@builtin(global_invocation_id) id: vec3u) { ${body} }`,
  entryPoint: 'main',
  bindings: [{ name: 'out', binding: 0, type: 'storage', datatype: 'UINT32', shape: [32] }],
  overrides: {},
  dispatch: [1, 1, 1],
  outputs: ['out'],
  repeat: 0,
})
/** Known work, about 20,000 steps. */
const known = kernel('for (var i = 0u; i < 1000u; i++) { out[id.x] += 1u; }')
/** Work that only the run knows: 1,000 iterations. */
const counted = kernel('var i = 0u; while (i < 1000u + out[id.x] * 0u) { i++; } out[id.x] = i;')

async function run(of: CustomKernel, signal = new AbortController().signal): Promise<number | undefined> {
  const task = { kind: 'custom' as const, subject: '', inputs: [descriptionTensor(of)] }
  const [out] = await runCustomKernel(task, signal)
  return (elementsOf(out!) as Uint32Array)[0]
}

const busy = { work: 2 ** 20, serialWork: 2_000 }
const idle = { work: 2 ** 26, serialWork: 2 ** 20 }

describe('a device that was measured while the machine was busy', () => {
  let now: number
  beforeEach(async () => {
    now = performance.now()
    vi.spyOn(performance, 'now').mockImplementation(() => now)
    vi.mocked(measureLimits).mockReset().mockResolvedValue(busy)
    // Each test has an adapter of its own name: what was measured of one is kept.
    const name = crypto.randomUUID()
    vi.spyOn(GPUAdapter.prototype, 'info', 'get').mockReturnValue({ vendor: name } as GPUAdapterInfo)
    await customDevice()
  })
  afterEach(async () => {
    giveUpCustomDevice(await customDevice())
    vi.restoreAllMocks()
  })

  it('refuses and ends what does not fit, and is measured again at once, then not within ten seconds', async () => {
    await expect(run(known)).rejects.toMatchObject({ code: 'kernel_refused' })
    expect(measureLimits).toHaveBeenCalledTimes(2)
    now += 9_999
    await expect(run(known)).rejects.toMatchObject({ code: 'kernel_refused' })
    await expect(run(counted)).rejects.toMatchObject({ code: 'kernel_ended' })
    expect(measureLimits).toHaveBeenCalledTimes(2)
  })

  it.each([
    ['was refused for its known work', known],
    ['used up its iterations', counted],
  ])('runs what %s after it was measured again', async (_, of) => {
    vi.mocked(measureLimits).mockResolvedValue(idle)
    expect(await run(of)).toBe(1000)
    expect(measureLimits).toHaveBeenCalledTimes(2)
  })

  it('is measured all the same where the browser keeps nothing', async () => {
    giveUpCustomDevice(await customDevice())
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(() => {
      throw new DOMException('Storage is closed.', 'SecurityError')
    })
    await customDevice()
    vi.mocked(measureLimits).mockResolvedValue(idle)
    expect(await run(known)).toBe(1000)
    vi.mocked(measureLimits).mockResolvedValue(busy)
    expect(await run(known)).toBe(1000)
  })

  it('refuses what does not fit where it cannot be measured again', async () => {
    await expect(run(known)).rejects.toMatchObject({ code: 'kernel_refused' })
    vi.mocked(measureLimits).mockRejectedValue(new Error('lost'))
    now += 10_000
    await expect(run(known)).rejects.toMatchObject({ code: 'kernel_refused' })
    expect(measureLimits).toHaveBeenCalledTimes(3)
  })

  it('keeps the best measurement, also for the device that follows', async () => {
    vi.mocked(measureLimits).mockResolvedValue(idle)
    await run(known)
    const slower = { work: idle.work / 4, serialWork: idle.serialWork / 2 }
    vi.mocked(measureLimits).mockResolvedValue(slower)
    giveUpCustomDevice(await customDevice())
    expect((await customDevice()).limits).toEqual(idle)
  })

  it('takes no more than four times what is measured now: another device may have its name', async () => {
    vi.mocked(measureLimits).mockResolvedValue(idle)
    await run(known)
    vi.mocked(measureLimits).mockResolvedValue({ work: 1_000, serialWork: 100 })
    giveUpCustomDevice(await customDevice())
    expect((await customDevice()).limits).toEqual({ work: 4_000, serialWork: 400 })
  })

  it('is not measured for a kernel that is wrong in another way', async () => {
    await expect(run(kernel('out[id.x] = nothing;'))).rejects.toMatchObject({
      code: expect.stringMatching(/kernel_(refused|failed)/),
    })
    expect(measureLimits).toHaveBeenCalledTimes(1)
  })
})
