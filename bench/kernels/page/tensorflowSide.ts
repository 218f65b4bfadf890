import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import type { Tensor as TensorflowTensor } from '@tensorflow/tfjs-core'
import { elementsOf, type Tensor, tensorOf } from '../../../protocol/tensor.ts'
import type { Shape } from '../../../shaders/size.ts'
import type { ReadySide } from './sides.ts'

/** `matmul-f32` in TensorFlow.js, on the device that it opens itself. */
export async function tensorflowMatmul({ m, k, n }: Shape, [a, b]: readonly Tensor[]): Promise<ReadySide> {
  const tf = await import('@tensorflow/tfjs-core')
  await import('@tensorflow/tfjs-backend-webgpu')
  if (!(await tf.setBackend('webgpu'))) throw new Error('TensorFlow.js has no WebGPU here.')
  await tf.ready()
  const backend = tf.backend() as WebGPUBackend
  const left = tf.tensor2d(elementsOf(a!) as Float32Array, [m!, k!])
  const right = tf.tensor2d(elementsOf(b!) as Float32Array, [k!, n!])
  let product: TensorflowTensor | null = null
  return {
    inWords: 'tf.matMul',
    async start() {
      product?.dispose()
      product = tf.matMul(left, right)
      // It gathers dispatches; a run is one submit, as those of the other sides.
      backend.endComputePassEncoder()
      backend.submitQueue()
    },
    ended: () => backend.queue.onSubmittedWorkDone(),
    outputs: async () => [tensorOf('c', 'FP32', [m!, n!], await product!.data())],
    release() {
      for (const tensor of [left, right, product]) tensor?.dispose()
    },
  }
}
