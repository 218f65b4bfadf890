import { datatypes, elementCount, type Tensor } from '../../../protocol/tensor.ts'

/** The tensor that a buffer on the GPU holds, when everything submitted before has run. */
export async function readBuffer(
  device: GPUDevice,
  buffer: GPUBuffer,
  tensor: Omit<Tensor, 'bytes'>,
): Promise<Tensor> {
  const bytes = elementCount(tensor.shape) * datatypes[tensor.datatype].bytes
  const size = Math.ceil(bytes / 4) * 4
  const { MAP_READ, COPY_DST } = GPUBufferUsage
  const staging = device.createBuffer({ size, usage: MAP_READ | COPY_DST })
  const encoder = device.createCommandEncoder()
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, size)
  device.queue.submit([encoder.finish()])
  await staging.mapAsync(GPUMapMode.READ)
  const copied = new Uint8Array(staging.getMappedRange().slice(0, bytes))
  staging.destroy()
  return { ...tensor, bytes: copied }
}
