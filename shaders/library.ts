import canonicalize from 'canonicalize'
import type { KernelName } from '../protocol/task.ts'
import type { KernelDescriptor } from './kernel.ts'
import { matmulF32 } from './matmul-f32/kernel.ts'
import { matmulI8 } from './matmul-i8/kernel.ts'

/** Every kernel that can be asked for by name. */
export const kernelLibrary: Readonly<Record<KernelName, KernelDescriptor>> = {
  'matmul-i8': matmulI8,
  'matmul-f32': matmulF32,
}

/**
 * The canonical text of a kernel: its descriptor with all its programs as RFC 8785 JSON. The SHA-256 of its UTF-8
 * bytes is the kernel's hash, a receipt's `subject`.
 */
export function descriptorText(name: KernelName): string {
  return canonicalize(kernelLibrary[name])!
}
