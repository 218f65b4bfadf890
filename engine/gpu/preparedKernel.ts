import { OpentabError } from '../../protocol/errors.ts'
import type { KernelDescriptor, KernelVariant } from '../../shaders/kernel.ts'
import type { Shape } from '../../shaders/size.ts'
import { bandsOf } from './bands.ts'
import { dispatchBands } from './dispatchBands.ts'
import type { PipelineCache } from './pipelineCache.ts'
import { planPasses } from './plannedPass.ts'
import { createTaskBuffers } from './taskBuffers.ts'
import { uniformBytesOf } from './taskTransfer.ts'

/**
 * A kernel of one shape with its buffers on the GPU, for what stays there: chains of kernels, and measurements. Its
 * dispatches are not cut: who encodes them answers for how long a submit takes.
 */
export interface PreparedKernel {
  /** The buffer of a tensor of the descriptor, given or made. */
  buffer(name: string): GPUBuffer
  /** Adds the kernel's dispatches; it may be encoded any number of times. */
  encode(encoder: GPUComputePassEncoder): void
  /** Frees the buffers that were made, not those that were given. */
  destroy(): void
}

export interface KernelPreparation {
  kernel: KernelDescriptor
  variant: KernelVariant
  shape: Shape
  /** The caller's buffers by tensor name, as large as the tensors or larger; others are made. */
  given?: ReadonlyMap<string, GPUBuffer>
}

/**
 * Compiles a kernel's `compute` passes and makes what buffers are not given. A kernel with `arrange` passes takes its
 * inputs laid out (shaders/hostLayouts.ts).
 * @throws OpentabError `kernel_failed`, `out_of_memory`
 */
export async function prepareKernel(
  device: GPUDevice,
  pipelines: PipelineCache,
  { kernel, variant, shape, given }: KernelPreparation,
): Promise<PreparedKernel> {
  const passes = planPasses(variant, 'host', shape)
  const compiled = await Promise.all(passes.map(({ pass, scope }) => pipelines.compile(kernel, pass, scope)))
  const bands = passes.flatMap(({ extent, perWorkgroup }, pass) =>
    [...bandsOf(extent, perWorkgroup, () => Number.POSITIVE_INFINITY)].map((band) => ({ pass, band })),
  )
  const slots = Math.max(1, bands.length)
  const plan = { kernel, variant, passes, compiled, shape, slots, given, readBack: false }
  const buffers = await createTaskBuffers(device, kernel.name, plan)
  device.queue.writeBuffer(buffers.uniform, 0, uniformBytesOf(kernel, passes, null, bands))
  return {
    buffer(name) {
      const buffer = buffers.tensors.get(name)
      if (!buffer) throw new OpentabError('internal', `${kernel.name} binds nothing called ${name}.`)
      return buffer
    },
    encode: (encoder) => dispatchBands(encoder, passes, compiled, buffers, bands),
    destroy: () => buffers.destroy(),
  }
}
