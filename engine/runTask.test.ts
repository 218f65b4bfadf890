import { expect, it } from 'vitest'
import type { OnnxRunner } from './onnx/onnxRunner.ts'
import { runTask } from './runTask.ts'

const kernel = {
  kind: 'kernel',
  kernel: 'matmul-i8',
  subject: '0'.repeat(64),
  shape: { m: 1, k: 1, n: 1 },
  seed: 1,
  inputs: [],
} as const
const infer = { kind: 'infer', model: 'f'.repeat(64), graph: 0, inputs: [] } as const
const output = (name: string) => [{ name, datatype: 'UINT8' as const, shape: [0], bytes: new Uint8Array(0) }]

const onnx: OnnxRunner = {
  backend: 'wasm',
  load: async () => {},
  loaded: () => [],
  unload: async () => {},
  run: async () => output('onnx'),
  dispose: async () => {},
}

it('gives each kind to its runner, and the signal to kernels', async () => {
  const { signal } = new AbortController()
  let seen: AbortSignal | undefined
  const kernels = {
    run: async (_: unknown, given?: AbortSignal) => {
      seen = given
      return output('kernel')
    },
  }
  expect(await runTask(kernel, { kernels, onnx, language: null }, signal)).toEqual(output('kernel'))
  expect(seen).toBe(signal)
  expect(await runTask(infer, { kernels, onnx, language: null }, signal)).toEqual(output('onnx'))
})

it('says which runner a task would need', async () => {
  const nothing = { kernels: null, onnx: null, language: null }
  const { signal } = new AbortController()
  const answer = { kind: 'generate' as const, model: '', inputs: [] }
  await expect(runTask(kernel, nothing, signal)).rejects.toMatchObject({ code: 'kernel_failed' })
  await expect(runTask(infer, nothing, signal)).rejects.toMatchObject({ code: 'model_failed' })
  await expect(runTask(answer, nothing, signal)).rejects.toMatchObject({ code: 'model_failed' })
})
