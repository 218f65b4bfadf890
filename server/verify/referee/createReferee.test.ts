import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { onnxFile } from '../../../engine/onnx/testGraph.ts'
import { createWasmRunner } from '../../../engine/onnx/wasmRunner.ts'
import { topTwoClasses } from '../../../models/derive/topTwoClasses.ts'
import { buildModel, node, valueInfo } from '../../../models/onnx/buildModel.ts'
import { OpentabError } from '../../../protocol/errors.ts'
import type { ServedModel, TensorSpec } from '../../../protocol/manifest.ts'
import type { InferTask } from '../../../protocol/task.ts'
import { type Tensor, tensorOf } from '../../../protocol/tensor.ts'
import { makeWrong, wrongResultKinds } from '../wrongResults.ts'
import { createReferee, type Referee } from './createReferee.ts'

const folder = { path: '' }
const models = new Map<string, ServedModel>()
const files = new Map<string, string>()
const registry = { byHash: (hash: string) => models.get(hash), pathOf: (sha256: string) => files.get(sha256) }
const spec = (name: string): TensorSpec => ({ name, datatype: 'FP32', shape: ['n'] })
const floats = (name: string, values: readonly number[]): Tensor =>
  tensorOf(name, 'FP32', [values.length], Float32Array.from(values))
const infer = (model: string, x: Tensor): InferTask => ({ kind: 'infer', model, graph: 0, inputs: [x] })
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error) => error,
  )

async function store(
  id: string,
  bytes: Uint8Array,
  sha256 = createHash('sha256').update(bytes).digest('hex'),
): Promise<string> {
  const path = join(folder.path, id)
  await writeFile(path, bytes)
  files.set(sha256, path)
  const graph = {
    name: 'main',
    shards: [{ sha256, bytes: bytes.byteLength }],
    inputs: [spec('x')],
    outputs: [spec('y')],
    tolerance: { rtol: 1e-3, atol: 1e-4 },
  }
  const hash = createHash('sha256').update(id).digest('hex')
  models.set(hash, {
    hash,
    manifest: { v: 1, id, kind: 'onnx', graphs: [graph], files: {}, licence: 'unknown', source: 'test' },
  })
  return hash
}

const graphOf = (op: string) =>
  onnxFile({ inputs: [spec('x')], outputs: [spec('y')], nodes: [{ op, inputs: ['x'], outputs: ['y'] }] })

let referee: Referee
let exp = ''
beforeAll(async () => {
  folder.path = await mkdtemp(join(tmpdir(), 'opentab-referee-'))
  exp = await store('exp', graphOf('Exp'))
  referee = createReferee({ registry })
})
afterAll(async () => {
  await referee.close()
  await rm(folder.path, { recursive: true })
})

const x = floats('x', [0, 1, -1, 0.5, 3, -7, 10, 2])

it('agrees with what a tab on WASM computes', async () => {
  const runner = await createWasmRunner({ threads: 1 })
  const model = models.get(exp)!
  await runner.load(model, async () => new Uint8Array(graphOf('Exp')))
  const y = await runner.run(infer(exp, x))
  expect(await referee.check(infer(exp, x), y)).toEqual({ ok: true, verdict: 'recomputed' })
  expect(x.bytes.byteLength).toBe(32)
  expect(y[0]!.bytes.byteLength).toBe(32)
  expect(referee.cpuMs).toBeGreaterThan(0)
  expect(referee.answered).toBe(1)
})

const y = [floats('y', [0, 1, -1, 0.5, 3, -7, 10, 2].map(Math.exp))]

it('accepts another rounding within the tolerance', async () => {
  const rounded = [
    floats(
      'y',
      [0, 1, -1, 0.5, 3, -7, 10, 2].map((value) => Math.exp(value) * 1.0005),
    ),
  ]
  expect(await referee.check(infer(exp, x), rounded)).toMatchObject({ ok: true })
})

it.each(wrongResultKinds)('refuses %s with a sentence', async (kind) => {
  const stale = [floats('y', [5, 4, 3, 2, 1, 0, 1, 2])]
  expect(await referee.check(infer(exp, x), makeWrong(kind, y, 3, stale))).toEqual({
    ok: false,
    reason: expect.stringMatching(/must (be|have)/),
  })
})

it('lets ranked classes change places where they are as good as equal, and nowhere else', async () => {
  const shape = ['lines', 'steps', 4]
  const file = buildModel({
    nodes: [node('Softmax', ['x'], ['p'], { axis: 2 })],
    inputs: [valueInfo('x', shape)],
    outputs: [valueInfo('p', shape)],
    opset: 9,
  })
  const hash = await store('ranks', topTwoClasses(file, { output: 'p', classes: 4, spaceClass: 3 }))
  const model = models.get(hash)!
  const specOf = (name: string, datatype: 'FP32' | 'INT64', dimensions: TensorSpec['shape']) => ({
    name,
    datatype,
    shape: dimensions,
  })
  const graph = {
    ...model.manifest.graphs[0]!,
    inputs: [specOf('x', 'FP32', shape)],
    outputs: [
      specOf('values', 'FP32', ['lines', 'steps', 2]),
      specOf('indices', 'INT64', ['lines', 'steps', 2]),
      specOf('space', 'FP32', ['lines', 'steps']),
    ],
    ranked: { values: 'values', indices: 'indices', classes: 4 },
  }
  models.set(hash, { hash, manifest: { ...model.manifest, graphs: [graph] } })

  // The first step is a near tie of classes 1 and 2, the second is sure of class 0.
  const steps = tensorOf('x', 'FP32', [1, 2, 4], Float32Array.of(0, 5, 5.0001, 0, 9, 1, 0, 0))
  const runner = await createWasmRunner({ threads: 1 })
  await runner.load(models.get(hash)!, async () =>
    topTwoClasses(file, { output: 'p', classes: 4, spaceClass: 3 }),
  )
  const right = await runner.run(infer(hash, steps))
  const withClasses = (...classes: bigint[]) =>
    right.map((tensor) =>
      tensor.name === 'indices'
        ? tensorOf('indices', 'INT64', [1, 2, 2], BigInt64Array.from(classes))
        : tensor,
    )
  expect(right).toEqual(withClasses(2n, 1n, 0n, 1n))
  expect(await referee.check(infer(hash, steps), right)).toMatchObject({ ok: true })
  expect(await referee.check(infer(hash, steps), withClasses(1n, 2n, 0n, 1n))).toMatchObject({ ok: true })
  expect(await referee.check(infer(hash, steps), withClasses(2n, 1n, 1n, 0n))).toEqual({
    ok: false,
    reason: expect.stringContaining('the first at [0,1,0] is 1 and must be 0'),
  })
})

it('is not sure, and does not blame the tab, when it does not know the model', async () => {
  expect(await failure(referee.check(infer('0'.repeat(64), x), y))).toMatchObject({ code: 'model_not_found' })
})

it('is not sure when a shard is damaged on disk', async () => {
  const damaged = await store('damaged', graphOf('Neg'), 'd'.repeat(64))
  const error = await failure(referee.check(infer(damaged, x), y))
  expect(error).toBeInstanceOf(OpentabError)
  expect(error).toMatchObject({ code: 'wrong_hash' })
})

it('is not sure when a shard is gone, is no ONNX file, or the graph refuses the input; and goes on', async () => {
  const gone = await store('gone', graphOf('Abs'))
  files.delete(models.get(gone)!.manifest.graphs[0]!.shards[0]!.sha256)
  const noise = await store('noise', new Uint8Array([1, 2, 3]))
  const [a, b, c, d] = await Promise.all([
    failure(referee.check(infer(gone, x), y)),
    failure(referee.check(infer(noise, x), y)),
    failure(referee.check(infer(exp, floats('wrong', [1])), y)),
    referee.check(infer(exp, x), y),
  ])
  expect(a).toMatchObject({ code: 'not_found' })
  expect(b).toMatchObject({ code: 'model_failed' })
  expect(c).toMatchObject({ code: 'invalid_value' })
  expect(d).toMatchObject({ ok: true })
})

it('refuses more checks than may wait, and those that wait when it closes', async () => {
  const narrow = createReferee({ registry, maxQueued: 1 })
  const checks = [1, 2, 3].map(() => failure(narrow.check(infer(exp, x), y)))
  // The one at work is not in the queue.
  expect(await checks[2]).toMatchObject({
    code: 'check_unavailable',
    message: '1 checks wait already; the limit is 1.',
  })
  expect(narrow.queued).toBe(1)
  await narrow.close()
  expect(await Promise.all(checks.slice(0, 2))).toMatchObject([
    { code: 'check_unavailable' },
    { code: 'check_unavailable' },
  ])
  expect(await failure(narrow.check(infer(exp, x), y))).toMatchObject({ code: 'check_unavailable' })
})
