import { OpentabError } from '../../protocol/errors.ts'
import { pcg } from '../../protocol/seededInputs.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { tensorBytes } from '../../shaders/canonicalCost.ts'
import { type KernelDescriptor, type UniformField, uniformsOf } from '../../shaders/kernel.ts'
import { type Shape, sizeOf } from '../../shaders/size.ts'
import type { Band } from './bands.ts'
import type { PlannedPass } from './plannedPass.ts'
import type { Submit } from './submits.ts'
import { type TaskBuffers, UNIFORM_STRIDE_BYTES } from './taskBuffers.ts'

/** Queues the upload of bytes into the buffers of those names. */
export function uploadBytes(
  device: GPUDevice,
  buffers: Pick<TaskBuffers, 'tensors'>,
  uploads: ReadonlyMap<string, Uint8Array>,
): void {
  for (const [name, bytes] of uploads) {
    const buffer = buffers.tensors.get(name)!
    // writeBuffer takes whole words: the last odd bytes go in a word of their own.
    const whole = bytes.byteLength & ~3
    if (whole > 0) device.queue.writeBuffer(buffer, 0, bytes, 0, whole)
    if (whole === bytes.byteLength) continue
    const word = new Uint8Array(4)
    word.set(bytes.subarray(whole))
    device.queue.writeBuffer(buffer, whole, word)
  }
}

/** The kernel's structs of uniforms for the bands of one submit, UNIFORM_STRIDE_BYTES apart. */
export function uniformBytesOf(
  kernel: KernelDescriptor,
  passes: readonly PlannedPass[],
  seed: number | null,
  bands: Submit['bands'],
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(bands.length * UNIFORM_STRIDE_BYTES)
  const view = new DataView(bytes.buffer)
  for (const [slot, { pass, band }] of bands.entries()) {
    for (const [at, field] of uniformsOf(kernel).entries()) {
      const value = uniformValue(field.value, passes[pass]!.scope, seed, band)
      const offset = slot * UNIFORM_STRIDE_BYTES + at * 4
      if (field.type === 'f32') view.setFloat32(offset, value, true)
      else view.setInt32(offset, value, true)
    }
  }
  return bytes
}

function uniformValue(value: UniformField['value'], scope: Shape, seed: number | null, band: Band): number {
  if (typeof value === 'object' && 'band' in value) return band[value.band]
  // A given input has no seed; its program does not read the field.
  if (typeof value === 'object' && 'seedOf' in value) return seed === null ? 0 : seedBase(seed, value.seedOf)
  return sizeOf(value, scope)
}

/** pcg(i + pcg(seed)) for input i. */
const seedBase = (seed: number, input: number): number => pcg((input + pcg(seed)) >>> 0)

/**
 * Waits for the results and copies them out.
 * @throws OpentabError `kernel_failed` when one of the `checks` found a submit invalid
 */
export async function readOutputs(
  kernel: KernelDescriptor,
  shape: Shape,
  buffers: TaskBuffers,
  checks: readonly Promise<GPUError | null>[],
): Promise<Tensor[]> {
  const maps = [...buffers.readback.values()].map((buffer) => buffer.mapAsync(GPUMapMode.READ))
  await Promise.all(maps)
  try {
    for (const check of checks) {
      const error = await check
      if (error)
        throw new OpentabError('kernel_failed', `${kernel.name} could not be submitted: ${error.message}`)
    }
    return kernel.tensors
      .filter((tensor) => tensor.role === 'output')
      .map((tensor) => ({
        name: tensor.name,
        datatype: tensor.datatype,
        shape: tensor.shape.map((size) => sizeOf(size, shape)),
        // A copy, because the mapped memory goes away with unmap.
        bytes: new Uint8Array(
          buffers.readback.get(tensor.name)!.getMappedRange().slice(0, tensorBytes(tensor, shape)),
        ),
      }))
  } finally {
    for (const buffer of buffers.readback.values()) buffer.unmap()
  }
}
