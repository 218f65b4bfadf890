import type { OpenedDevice } from '../../../engine/gpu/openDevice.ts'
import type { PipelineCache } from '../../../engine/gpu/pipelineCache.ts'
import { prepareKernel } from '../../../engine/gpu/preparedKernel.ts'
import { uploadBytes } from '../../../engine/gpu/taskTransfer.ts'
import type { Tensor } from '../../../protocol/tensor.ts'
import { arrangedOnHost } from '../../../shaders/hostLayouts.ts'
import type { KernelDescriptor, KernelVariant } from '../../../shaders/kernel.ts'
import { type Shape, sizeOf } from '../../../shaders/size.ts'
import { readBuffer } from './readBuffer.ts'
import type { ReadySide } from './sides.ts'

/** A variant of the library's on its own device, inputs and outputs in GPU memory. */
export async function opentabSide(
  { device }: OpenedDevice,
  pipelines: PipelineCache,
  kernel: KernelDescriptor,
  shape: Shape,
  inputs: readonly Tensor[],
  variant: KernelVariant,
): Promise<ReadySide> {
  const prepared = await prepareKernel(device, pipelines, { kernel, variant, shape })
  const uploads = arrangedOnHost(kernel, [variant], inputs, shape)
  const tensors = new Map([...uploads.keys()].map((name) => [name, prepared.buffer(name)]))
  uploadBytes(device, { tensors }, uploads)
  return {
    inWords: [
      variant.name,
      ...Object.entries(variant.tuning ?? {}).map(([key, { value }]) => `${key} ${value}`),
    ].join(', '),
    async start() {
      const encoder = device.createCommandEncoder()
      const pass = encoder.beginComputePass()
      prepared.encode(pass)
      pass.end()
      device.queue.submit([encoder.finish()])
    },
    ended: () => device.queue.onSubmittedWorkDone(),
    outputs: () =>
      Promise.all(
        kernel.tensors
          .filter(({ role }) => role === 'output')
          .map(async ({ name, datatype, shape: sizes }) => {
            const dimensions = sizes.map((size) => sizeOf(size, shape))
            return readBuffer(device, prepared.buffer(name), { name, datatype, shape: dimensions })
          }),
      ),
    release: () => prepared.destroy(),
  }
}
