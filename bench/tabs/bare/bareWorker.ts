import { expose } from 'comlink'
import { createKernelRunner, type KernelRunner } from '../../../engine/gpu/kernelRunner.ts'
import { openDevice } from '../../../engine/gpu/openDevice.ts'

/** The runner of a tab's compute worker with nothing around it. */
export interface BareKernels {
  /**
   * Runs seeded int8 products of [size,size] matrices, `ahead` at once, and drops the results.
   * @returns ms from the end of the `warmUp` first tasks to the end of the last of `warmUp + tasks`
   */
  run(options: { size: number; tasks: number; warmUp: number; ahead: number; seed: number }): Promise<number>
}

let opening: Promise<KernelRunner> | null = null

async function open(): Promise<KernelRunner> {
  const { device, info } = await openDevice()
  return createKernelRunner(device, info)
}

const bare: BareKernels = {
  async run({ size, tasks, warmUp, ahead, seed }) {
    opening ??= open()
    const runner = await opening
    const shape = { m: size, k: size, n: size }
    const total = warmUp + tasks
    let next = 0
    let ended = 0
    let warmAt = performance.now()
    const work = async (): Promise<void> => {
      while (next < total) {
        const task = next++
        await runner.run({
          kind: 'kernel',
          kernel: 'matmul-i8',
          subject: '',
          shape,
          seed: seed + task,
          inputs: [],
        })
        ended++
        if (ended === warmUp) warmAt = performance.now()
      }
    }
    await Promise.all(Array.from({ length: ahead }, work))
    return performance.now() - warmAt
  },
}

expose(bare)
