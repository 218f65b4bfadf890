import canonicalize from 'canonicalize'
import type { KernelName } from '../protocol/task.ts'
import { argmax } from './argmax/kernel.ts'
import { attentionDecode } from './attention-decode/kernel.ts'
import { attentionExact } from './attention-exact/kernel.ts'
import { attentionPrefill } from './attention-prefill/kernel.ts'
import { conv2dF32 } from './conv2d-f32/kernel.ts'
import { gatherQ4Kernels } from './gather-q4/kernel.ts'
import { gelu } from './gelu/kernel.ts'
import { hashU32 } from './hash-u32/kernel.ts'
import type { KernelDescriptor } from './kernel.ts'
import { layernorm } from './layernorm/kernel.ts'
import { matmulF16 } from './matmul-f16/kernel.ts'
import { matmulF32 } from './matmul-f32/kernel.ts'
import { matmulI8 } from './matmul-i8/kernel.ts'
import { matmulI8RowsKernels } from './matmul-i8-rows/kernel.ts'
import { matmulQ4Kernels } from './matmul-q4/kernel.ts'
import { matvecF32 } from './matvec-f32/kernel.ts'
import { matvecI8Kernels } from './matvec-i8/kernel.ts'
import { matvecQ4Kernels } from './matvec-q4/kernel.ts'
import { mulshift } from './mulshift/kernel.ts'
import { quantize } from './quantize/kernel.ts'
import { reduceKernels } from './reduce/kernel.ts'
import { rmsnorm } from './rmsnorm/kernel.ts'
import { rmsnormExact } from './rmsnorm-exact/kernel.ts'
import { rope } from './rope/kernel.ts'
import { ropeExact } from './rope-exact/kernel.ts'
import { scanF32, scanI32 } from './scan/kernel.ts'
import { siluMul } from './silu-mul/kernel.ts'
import { siluMulExact } from './silu-mul-exact/kernel.ts'
import { softmax } from './softmax/kernel.ts'
import { sortU32 } from './sort-u32/kernel.ts'
import { topK } from './top-k/kernel.ts'
import { transpose } from './transpose/kernel.ts'

/** The kernels that have a code on the wire: tasks of the network name them. */
export const kernelLibrary: Readonly<Record<KernelName, KernelDescriptor>> = {
  'matmul-i8': matmulI8,
  'matmul-f32': matmulF32,
}

/** Every kernel of the library, by family. */
export const libraryKernels: readonly KernelDescriptor[] = [
  // Exact integers.
  matmulI8,
  ...matmulI8RowsKernels.map(({ kernel }) => kernel),
  ...matvecI8Kernels.map(({ kernel }) => kernel),
  mulshift,
  quantize,
  rmsnormExact,
  ropeExact,
  siluMulExact,
  attentionExact,
  hashU32,
  // Dense.
  matmulF32,
  matmulF16,
  matvecF32,
  ...matvecQ4Kernels.map(({ kernel }) => kernel),
  ...matmulQ4Kernels.map(({ kernel }) => kernel),
  conv2dF32,
  // Language models.
  rmsnorm,
  layernorm,
  rope,
  softmax,
  siluMul,
  gelu,
  ...gatherQ4Kernels.map(({ kernel }) => kernel),
  argmax,
  topK,
  attentionDecode,
  attentionPrefill,
  // General.
  ...reduceKernels,
  scanI32,
  scanF32,
  transpose,
  sortU32,
]

/** The library's kernel of that name. */
export const kernelNamed = (name: string): KernelDescriptor | undefined =>
  libraryKernels.find((kernel) => kernel.name === name)

/**
 * The canonical text of a kernel: its descriptor with all its programs as RFC 8785 JSON. The SHA-256 of its UTF-8
 * bytes is the kernel's hash, a receipt's `subject`.
 */
export function descriptorText(name: string): string {
  return canonicalize(kernelNamed(name))!
}
