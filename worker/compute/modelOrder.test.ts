import { expect, it } from 'vitest'
import type { LanguageRunner } from '../../engine/language/languageRunner.ts'
import type { WasmRunner } from '../../engine/onnx/wasmRunner.ts'
import type { StageRange } from '../../protocol/language.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import { createComputeWorker } from './computeWorker.ts'

const model: ServedModel = {
  hash: 'f'.repeat(64),
  manifest: { v: 1, id: 'tiny', kind: 'chat', graphs: [], files: {}, licence: '', source: '' },
}

/** A worker without a GPU whose ONNX runner unloads when a test lets it: it waits for its turn behind what runs. */
async function setUp() {
  const turn = Promise.withResolvers<void>()
  const held = new Map<string, StageRange>()
  const failures: Error[] = []
  const onnx: WasmRunner = {
    backend: 'wasm',
    threads: 1,
    load: async () => {},
    loaded: () => [],
    unload: () => turn.promise,
    run: async () => [],
    dispose: async () => {},
  }
  const language: LanguageRunner = {
    packed: false,
    load: async ({ hash }, range) => void held.set(hash, range),
    unload: async (hash) => void held.delete(hash),
    loaded: () => [...held],
    generate: async () => [],
    stage: async () => [],
    forget() {},
    dispose: async () => {},
  }
  const worker = createComputeWorker({
    openGpu: async () => null,
    makeWasm: async () => onnx,
    makeWebgpu: async () => onnx,
    makeLanguage: async () => {
      const failure = failures.pop()
      if (failure) throw failure
      return language
    },
    userAgent: '',
    now: () => 0,
  })
  await worker.open({ wasmThreads: 1, wasmBinary: new ArrayBuffer(0), memoryBytes: 4000 })
  return { worker, held, failures, takeTurn: turn.resolve }
}

it('unloads a model before it is loaded with other stages, however long the unloading waits', async () => {
  const { worker, held, takeTurn } = await setUp()
  await worker.loadModel(model, new Map(), { first: 0, last: 1 })
  const unloaded = worker.unloadModel(model.hash)
  const loaded = worker.loadModel(model, new Map(), { first: 1, last: 2 })
  await Promise.resolve()
  takeTurn()
  await Promise.all([unloaded, loaded])
  expect([...held.values()]).toEqual([{ first: 1, last: 2 }])
})

it('unloads a model whose load it was asked for a moment ago', async () => {
  const { worker, held, takeTurn } = await setUp()
  takeTurn()
  await Promise.all([
    worker.loadModel(model, new Map(), { first: 0, last: 1 }),
    worker.unloadModel(model.hash),
  ])
  expect([...held.values()]).toEqual([])
})

it('makes the runner of language models again after it could not be made', async () => {
  const { worker, held, failures } = await setUp()
  failures.push(new Error('no memory'))
  const whole = { first: 0, last: 2 }
  await expect(worker.loadModel(model, new Map(), whole)).rejects.toThrow('no memory')
  await worker.loadModel(model, new Map(), whole)
  expect([...held.values()]).toEqual([whole])
})
