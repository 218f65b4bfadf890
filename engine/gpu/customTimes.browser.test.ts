import { afterAll, describe, expect, it } from 'vitest'
import { CLOCK, type CustomKernel, descriptionTensor, TIMES } from '../../protocol/kernel/customTask.ts'
import { elementsOf } from '../../protocol/tensor.ts'
import { customDevice, giveUpCustomDevice } from './customDevice.ts'
import { runCustomKernel } from './customKernels.ts'

const kernel = (body: string, repeat: number): CustomKernel => ({
  program: `@group(0) @binding(0) var<storage, read_write> out: array<u32>;\n@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) { ${body} }`,
  entryPoint: 'main',
  bindings: [{ name: 'out', binding: 0, type: 'storage', datatype: 'UINT32', shape: [64] }],
  overrides: {},
  dispatch: [1, 1, 1],
  outputs: ['out'],
  repeat,
})

async function run(of: CustomKernel) {
  const task = { kind: 'custom' as const, subject: '', inputs: [descriptionTensor(of)] }
  const outputs = await runCustomKernel(task, new AbortController().signal)
  const valuesOf = (name: string): number[] => [
    ...(elementsOf(outputs.find((each) => each.name === name)!) as Float64Array),
  ]
  return { out: valuesOf('out'), times: valuesOf(TIMES), clock: valuesOf(CLOCK) }
}

describe('the times of a custom kernel', () => {
  afterAll(async () => giveUpCustomDevice(await customDevice()))

  it('are none where none were asked for', async () => {
    expect(await run(kernel('out[id.x] = id.x;', 0))).toMatchObject({ times: [] })
  })

  it('are the means of many runs of a short one, after the one whose outputs count', async () => {
    const { device } = await customDevice()
    const submits: number[] = []
    const submit = device.queue.submit.bind(device.queue)
    device.queue.submit = (commands) => {
      submits.push(performance.now())
      submit(commands)
    }
    const { out, times } = await run(kernel('out[id.x] += 1u;', 4))
    expect(out.slice(0, 3)).toEqual([1, 1, 1])
    expect(times).toHaveLength(4)
    for (const ms of times) expect(ms).toBeGreaterThan(0)
    // Hundreds of runs in each of the last submits: one alone takes far less.
    const wholeMs = submits.at(-1)! - submits.at(-2)!
    expect(times[2]).toBeLessThan(wholeMs / 4)
    device.queue.submit = submit
  })

  it('are taken by timestamps where the device has them, and say so', async () => {
    const { device } = await customDevice()
    const adapter = await navigator.gpu.requestAdapter()
    expect(device.features.has('timestamp-query')).toBe(adapter!.features.has('timestamp-query'))
    const { clock } = await run(kernel('out[id.x] = id.x;', 1))
    expect(clock).toEqual([device.features.has('timestamp-query') ? 1 : 0])
  })

  it('are unknown where a later run used up its iterations, and take no longer for it', async () => {
    const late = 'if (out[63] > 3u) { loop { out[0] += 1u; } } if (id.x == 63u) { out[63] += 1u; }'
    const startedAt = performance.now()
    const { out, times } = await run(kernel(late, 5))
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    expect(out[63]).toBe(1)
    expect(times).toEqual(Array.from({ length: 5 }, () => Number.NaN))
  })
})
