/** A large number whatever a program takes it for: 6e4 as f16, 1.3e36 as f32, 2e9 as i32 and u32, 123 as i8. */
const NOISE = 0x7b

/**
 * Fills every new storage buffer with noise, so that no program lives on memory that happens to be zero, nor on what
 * lies past the end of a tensor.
 */
export function fillNewBuffers(device: GPUDevice): void {
  const create = device.createBuffer.bind(device)
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor)
    if (descriptor.usage & GPUBufferUsage.STORAGE) {
      device.queue.writeBuffer(buffer, 0, new Uint8Array(descriptor.size).fill(NOISE))
    }
    return buffer
  }
}
