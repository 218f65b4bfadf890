import { tensorBytes } from '../../../shaders/canonicalCost.ts'
import { arrangedOnHost } from '../../../shaders/hostLayouts.ts'
import { type KernelDescriptor, scopeOf } from '../../../shaders/kernel.ts'
import type { Shape } from '../../../shaders/size.ts'
import type { Workload } from './workload.ts'

/** A shape to be timed, with inputs on the GPU that all variants share. */
export interface TimedShape {
  kernel: KernelDescriptor
  shape: Shape
  /** What `compute` passes of any variant read, by buffer name. */
  given: ReadonlyMap<string, GPUBuffer>
  destroy(): void
}

/** Bytes of one upload: many small ones are slow. */
const UPLOAD_BYTES = 2 ** 20

/**
 * Lays out inputs of a shape on the GPU: those of a smaller workload again and again, which costs no time to make. Only
 * for timing: no reference knows what comes of them.
 */
export function layOutTimedShape(device: GPUDevice, sample: Workload, shape: Shape): TimedShape {
  const { kernel } = sample.suite
  const given = new Map<string, GPUBuffer>()
  for (const [name, bytes] of arrangedOnHost(kernel, kernel.variants, sample.inputs, sample.shape)) {
    const size = Math.max(16, Math.ceil(bytesOf(kernel, name, shape) / 16) * 16)
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST
    const buffer = device.createBuffer({ size, usage })
    const piece = repeated(bytes, Math.min(size, UPLOAD_BYTES))
    for (let at = 0; at < size && piece.byteLength > 0; at += piece.byteLength) {
      device.queue.writeBuffer(buffer, at, piece, 0, Math.min(piece.byteLength, size - at))
    }
    given.set(name, buffer)
  }
  return {
    kernel,
    shape,
    given,
    destroy() {
      for (const buffer of given.values()) buffer.destroy()
    },
  }
}

/** Bytes of a tensor of the kernel or of what is laid out for its variants. */
function bytesOf(kernel: KernelDescriptor, name: string, shape: Shape): number {
  const sizes = [
    ...kernel.tensors.filter((tensor) => tensor.name === name).map((tensor) => tensorBytes(tensor, shape)),
    ...kernel.variants.flatMap((variant) =>
      variant.scratch
        .filter((tensor) => tensor.name === name)
        .map((tensor) => tensorBytes(tensor, scopeOf(variant, shape))),
    ),
  ]
  return Math.max(0, ...sizes)
}

/** Whole copies of bytes up to at least that size, in whole words; nothing of nothing. */
function repeated(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  if (bytes.byteLength === 0) return new Uint8Array(0)
  const whole = Math.ceil(bytes.byteLength / 4) * 4
  const piece = new Uint8Array(Math.ceil(size / whole) * whole)
  for (let at = 0; at < piece.byteLength; at += whole) piece.set(bytes, at)
  return piece
}
