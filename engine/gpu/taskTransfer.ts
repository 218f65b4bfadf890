import { OpentabError } from '../../protocol/errors.ts'
import { pcg } from '../../protocol/seededInputs.ts'
import type { KernelTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { type KernelDescriptor, sizeOf } from '../../shaders/kernel.ts'
import type { Submit } from './submits.ts'
import { type TaskBuffers, UNIFORM_STRIDE_BYTES } from './taskBuffers.ts'

/** Queues the upload of bytes into the buffers of those names. */
export function uploadBytes(
  device: GPUDevice,
  buffers: TaskBuffers,
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

/** The structs `Task` of task.wgsl for the bands of one submit, UNIFORM_STRIDE_BYTES apart. */
export function uniformsOf({ shape, seed }: KernelTask, bands: Submit['bands']): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array((bands.length * UNIFORM_STRIDE_BYTES) / 4)
  const stem = seed === null ? 0 : pcg(seed)
  const bases = seed === null ? [0, 0] : [pcg(stem), pcg((1 + stem) >>> 0)]
  for (const [slot, { band }] of bands.entries()) {
    words.set(
      [shape.m, shape.k, shape.n, band.firstRow, band.firstColumn, ...bases],
      (slot * UNIFORM_STRIDE_BYTES) / 4,
    )
  }
  return words
}

/**
 * Waits for the results and copies them out.
 * @throws OpentabError `kernel_failed` when one of the `checks` found a submit invalid
 */
export async function readOutputs(
  kernel: KernelDescriptor,
  shape: KernelTask['shape'],
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
      .map(({ name, datatype, shape: sizes }) => ({
        name,
        datatype,
        shape: sizes.map((size) => sizeOf(size, shape)),
        // A copy, because the mapped memory goes away with unmap.
        bytes: new Uint8Array(buffers.readback.get(name)!.getMappedRange().slice(0)),
      }))
  } finally {
    for (const buffer of buffers.readback.values()) buffer.unmap()
  }
}
