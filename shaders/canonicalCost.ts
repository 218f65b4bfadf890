import { datatypes } from '../protocol/tensor.ts'
import type { KernelDescriptor, KernelTensor, ScratchTensor } from './kernel.ts'
import { type Shape, sizeOf } from './size.ts'

/** Canonical operations of a task of this kernel, whatever the variant: what it is credited for. */
export function operationsOf(kernel: KernelDescriptor, shape: Shape): number {
  return sizeOf(kernel.operations, shape)
}

/** Canonical bytes of a task, whatever the variant: each input read once and each output written once. */
export function bytesOf(kernel: KernelDescriptor, shape: Shape): number {
  return kernel.tensors.reduce((sum, tensor) => sum + tensorBytes(tensor, shape), 0)
}

/** Bytes of one tensor. */
export function tensorBytes(tensor: KernelTensor | ScratchTensor, shape: Shape): number {
  return sizeOf({ times: tensor.shape }, shape) * datatypes[tensor.datatype].bytes
}
