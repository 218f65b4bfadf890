import webgpuScript from 'onnxruntime-web/jspi?url'
import webgpuBinary from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url'
import wasmBinary from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url'
import wasmScript from 'onnxruntime-web/wasm?url'
import { expect, it, vi } from 'vitest'
import type { OrtRuntime } from '../onnx/ortRuntime.ts'
import { createLanguageRunner } from './createLanguageRunner.ts'
import { fixtureModel } from './fixtureModel.ts'
import { languageBackendSuite, never, noConstraints, prompt } from './fixtureSuite.ts'
import { generateTask, output } from './fixtureTasks.ts'
import { type LanguageBackend, wasmBackend, webgpuBackend } from './languageBackend.ts'

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}

async function runtime(script: string, binary: string): Promise<OrtRuntime> {
  const ort = (await import(/* @vite-ignore */ script)) as OrtRuntime
  ort.env.wasm.numThreads = 1
  ort.env.wasm.wasmBinary = await (await fetch(binary)).arrayBuffer()
  ort.env.logLevel = 'error'
  return ort
}

const onWasm = once(async () => wasmBackend(await runtime(wasmScript, wasmBinary)))
const gpu = once(async () => {
  const adapter = await navigator.gpu.requestAdapter()
  const device = await adapter!.requestDevice()
  device.addEventListener('uncapturederror', ({ error }) => faults.push(error.message))
  return { ort: await runtime(webgpuScript, webgpuBinary), device }
})
const faults: string[] = []
const onWebgpu = (packed: boolean) => async (): Promise<LanguageBackend> => {
  const { ort, device } = await gpu()
  return webgpuBackend(ort, device, packed)
}

languageBackendSuite('WASM', onWasm, ['qwen3'], ['q4_1'])
// Each shape and each kernel is compiled on a software GPU: one model for each way that attention goes.
languageBackendSuite('WebGPU', onWebgpu(false), ['llama', 'qwen3', 'gemma3'])
languageBackendSuite('WebGPU, packed', onWebgpu(true), [], ['q4_1', 'q8_0'])

it('makes no buffer, shader or pipeline for a token after the first ones', async () => {
  const fixture = await fixtureModel('llama', { stages: 3, format: 'q4_1' })
  const { device } = await gpu()
  const runner = createLanguageRunner(await onWebgpu(true)(), noConstraints, { cacheBytes: 1e8 })
  await runner.load(fixture.model, { first: 0, last: 2 }, fixture.readShard)
  const spies = (
    ['createBuffer', 'createShaderModule', 'createComputePipeline', 'createComputePipelineAsync'] as const
  ).map((name) => vi.spyOn(device, name))
  const made = () => spies.reduce((sum, { mock }) => sum + mock.calls.length, 0)
  const counts: number[] = []
  await runner.generate(
    generateTask(fixture.model, prompt, { maxTokens: 40 }),
    () => counts.push(made()),
    never,
  )
  expect(counts[0], 'calls that were counted before the first token').toBeGreaterThan(10)
  const [warm] = counts.slice(3)
  expect(counts.slice(3)).toEqual(counts.slice(3).map(() => warm))
  // A second answer takes the buffers of its cache anew, and nothing for a token.
  const again: number[] = []
  const other = prompt.toReversed()
  await runner.generate(
    generateTask(fixture.model, other, { maxTokens: 12 }),
    () => again.push(made()),
    never,
  )
  expect(again).toEqual(again.map(() => again[0]))
  vi.restoreAllMocks()
  await runner.dispose()
})

it('lets the cache grow, forks it and cuts it back on WebGPU', async () => {
  const fixture = await fixtureModel('llama', { stages: 1, contextTokens: 600 })
  const { model, greedy } = fixture
  const runner = createLanguageRunner(await onWebgpu(false)(), noConstraints, { cacheBytes: 1e8 })
  await runner.load(model, { first: 0, last: 0 }, fixture.readShard)
  const ask = async (ids: readonly number[], tokens: number) => {
    const outputs = await runner.generate(generateTask(model, ids, { maxTokens: tokens }), () => {}, never)
    return { ids: output(outputs, 'ids'), cached: output(outputs, 'cached')[0] }
  }
  // 256 rows are the least that is allocated.
  const long = Array.from({ length: 250 }, (_, i) => (i * 37) % 300)
  expect(await ask(long, 12)).toEqual({ ids: greedy(long, 12), cached: 0 })
  const other = [...long.slice(0, 100), 5]
  expect(await ask(other, 3)).toEqual({ ids: greedy(other, 3), cached: 100 })
  const again = [...long, 9]
  expect(await ask(again, 3)).toEqual({ ids: greedy(again, 3), cached: 250 })
  await runner.dispose()
})

it('hears a message that ends an answer within one token, though runs on WASM never wait', async () => {
  const fixture = await fixtureModel('llama')
  const runner = createLanguageRunner(await onWasm(), noConstraints, { cacheBytes: 1e8 })
  await runner.load(fixture.model, { first: 0, last: 0 }, fixture.readShard)
  const abort = new AbortController()
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => abort.abort()
  let heard = 0
  const answer = runner.generate(
    generateTask(fixture.model, prompt, { maxTokens: 200 }),
    () => ++heard === 3 && port2.postMessage(null),
    abort.signal,
  )
  await expect(answer).rejects.toMatchObject({ code: 'cancelled' })
  expect(heard).toBeLessThanOrEqual(4)
  await runner.dispose()
})

it('says device_lost where the device goes in mid-answer', async () => {
  const fixture = await fixtureModel('llama')
  const adapter = await navigator.gpu.requestAdapter()
  const device = await adapter!.requestDevice()
  const { ort } = await gpu()
  const runner = createLanguageRunner(webgpuBackend(ort, device, false), noConstraints, { cacheBytes: 1e8 })
  await runner.load(fixture.model, { first: 0, last: 0 }, fixture.readShard)
  const answer = runner.generate(
    generateTask(fixture.model, prompt, { maxTokens: 200 }),
    ({ from }) => from === 2 && device.destroy(),
    never,
  )
  await expect(answer).rejects.toMatchObject({ code: 'device_lost' })
})

it('gave the GPU nothing that it refuses', async () => {
  await gpu()
  expect(faults).toEqual([])
})
