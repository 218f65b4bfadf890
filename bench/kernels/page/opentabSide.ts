import { chooseVariant } from '../../../engine/gpu/chooseVariant.ts'
import type { OpenedDevice } from '../../../engine/gpu/openDevice.ts'
import type { PipelineCache } from '../../../engine/gpu/pipelineCache.ts'
import { prepareKernel } from '../../../engine/gpu/preparedKernel.ts'
import { uploadBytes } from '../../../engine/gpu/taskTransfer.ts'
import type { Tensor } from '../../../protocol/tensor.ts'
import { arrangedOnHost } from '../../../shaders/hostLayouts.ts'
import { type KernelDescriptor, type KernelVariant, withTuning } from '../../../shaders/kernel.ts'
import { type Shape, sizeOf } from '../../../shaders/size.ts'
import type { VariantChoice } from '../kernelPageApi.ts'
import { readBuffer } from './readBuffer.ts'
import type { ReadySide } from './sides.ts'

/** A variant of the library's on its own device, inputs and outputs in GPU memory. */
export async function opentabSide(
  { device, info }: OpenedDevice,
  pipelines: PipelineCache,
  kernel: KernelDescriptor,
  shape: Shape,
  inputs: readonly Tensor[],
  choice: VariantChoice,
): Promise<ReadySide> {
  const variant = variantOf(kernel, shape, choice, { device, info })
  const prepared = await prepareKernel(device, pipelines, { kernel, variant, shape })
  const uploads = arrangedOnHost(kernel, inputs, shape)
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

function variantOf(
  kernel: KernelDescriptor,
  shape: Shape,
  choice: VariantChoice,
  { info }: OpenedDevice,
): KernelVariant {
  // The place of the tuner: what a tab takes for this shape. Until there is one, that is chooseVariant.
  if (choice === 'chosen') return chooseVariant(kernel, info, shape)
  const variant = kernel.variants.find(({ name }) => name === choice.variant)
  if (!variant) throw new Error(`${kernel.name} has no variant ${choice.variant}.`)
  return withTuning(variant, choice.tuning)
}
