import { hash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SimulatedTab } from '../../../bench/simulatedTab.ts'
import { removeModel } from '../../../models/fileRegistry.ts'
import { importOnnxBytes } from '../../../models/importOnnx.ts'
import { buildModel, float32, node, valueInfo } from '../../../models/onnx/buildModel.ts'
import { removedFolderOf } from '../../../models/removedBlobs.ts'
import type { VerdictItem } from '../../../protocol/messages.ts'
import type { Lease, TaskResult } from '../../../protocol/task.ts'
import { elementsOf, type Tensor, tensorOf } from '../../../protocol/tensor.ts'
import { FixtureRelay, newDataFolder } from '../../fixtureRelay.ts'
import { ALICE, BOB } from '../../placement/fakeTab.ts'

/** SHA-256 of these numbers as FP32. */
const hashOf = (...numbers: number[]): string =>
  hash('sha256', new Uint8Array(Float32Array.from(numbers).buffer), 'hex')

/** y = 3 x */
const triple = () =>
  buildModel({
    nodes: [node('Mul', ['x', 'by'], ['y'])],
    initializers: [float32('by', [3], [])],
    inputs: [valueInfo('x', ['batch', 2])],
    outputs: [valueInfo('y', ['batch', 2])],
  })

let relay: FixtureRelay
let model: string
beforeAll(async () => {
  const DATA = newDataFolder()
  model = (await importOnnxBytes(triple(), { dataFolder: DATA, name: 'triple', source: 'the test' })).hash
  relay = await FixtureRelay.open({ DATA, QUEUE_WAIT_MS: '300' })
})
afterAll(() => relay.close())

/** What a tab gives for a lease of the model: `by` times the input. */
const multiplied = ({ task, generation, spec }: Lease, by = 3): TaskResult => {
  const x = spec.inputs[0] as Tensor & { datatype: 'FP32' }
  const y = elementsOf(x).map((value) => value * by)
  return { task, generation, computeMicros: 1, outputs: [tensorOf('y', 'FP32', x.shape, y)] }
}
const triples = (address = ALICE): Promise<SimulatedTab> =>
  relay.tab(address, {
    ready: [model],
    kernels: [],
    work: (leases, tab) => tab.sendResults(leases.map((lease) => multiplied(lease))),
  })
const x = { name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, -2.5] }

/** How the list tells of a model that so many tabs hold. */
const heldBy = (tabs: 0 | 1) => ({
  tabs,
  tabsWhole: tabs,
  ready: tabs === 1,
  stages: 1,
  stagesHeld: tabs,
  mode: tabs === 1 ? 'whole' : 'none',
})

describe('a model of one’s own', () => {
  it('is listed with its tabs, and described', async () => {
    const before = (await relay.get('/v1/models/triple')).json
    expect(before).toMatchObject({
      id: 'triple',
      object: 'model',
      opentab: { kind: 'onnx', shards: 1, privacy: 'contributors-can-read', ...heldBy(0) },
    })
    const tab = await triples()
    expect((await relay.get('/v1/models')).json.data[0].opentab).toMatchObject(heldBy(1))
    expect((await relay.get('/v2/models/triple')).json).toEqual({
      name: 'triple',
      versions: ['1'],
      platform: 'onnx',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
    })
    expect((await relay.get('/v2/models/triple/ready')).json).toEqual({ name: 'triple', ready: true })
    tab.leave()
    await tab.closed
  })

  it('[P4] answers 503 with its name and how many tabs hold it when none comes free in time', async () => {
    const answer = await relay.post('/v2/models/triple/infer', { inputs: [x] })
    expect([answer.status, answer.json.error.code]).toEqual([503, 'no_tab_available'])
    expect(answer.json.error.message).toContain('No tab came free for triple within 300 ms; 0 tabs hold it.')
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(answer.headers.get('x-should-retry')).toBe('true')
  })

  it('answers in JSON, with its receipt; the first results are recomputed', async () => {
    const tab = await triples()
    const answer = await relay.post('/v2/models/triple/infer', { id: 'mine', inputs: [x] })
    expect(answer.json).toEqual({
      model_name: 'triple',
      model_version: '1',
      id: 'mine',
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 2], sha256: hashOf(3, -7.5), data: [3, -7.5] }],
    })
    const id = answer.headers.get('x-opentab-receipt')!
    const { json } = await relay.until(`/v1/receipts/${id}`, ({ status }) => status === 200)
    expect(json.receipt).toMatchObject({
      kind: 'infer',
      subject: model,
      verdict: 'recomputed',
      account: ALICE,
      lane: 'float',
    })
    tab.leave()
    await tab.closed
  })

  it('takes and gives binary tensors', async () => {
    const tab = await triples()
    const head = Buffer.from(
      JSON.stringify({
        inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], parameters: { binary_data_size: 8 } }],
        outputs: [{ name: 'y', parameters: { binary_data: true } }],
      }),
    )
    const body = Buffer.concat([head, Buffer.from(Float32Array.of(2, 4).buffer)])
    const send = (bytes: Uint8Array, length: string) =>
      fetch(`${relay.url}/v2/models/triple/infer`, {
        method: 'POST',
        body: new Uint8Array(bytes),
        headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': length },
      })
    const answer = await send(body, String(head.length))
    const bytes = Buffer.from(await answer.arrayBuffer())
    const at = Number(answer.headers.get('inference-header-content-length'))
    expect(JSON.parse(bytes.toString('utf8', 0, at)).outputs).toEqual([
      {
        name: 'y',
        datatype: 'FP32',
        shape: [1, 2],
        sha256: hashOf(6, 12),
        parameters: { binary_data_size: 8 },
      },
    ])
    expect([bytes.readFloatLE(at), bytes.readFloatLE(at + 4)]).toEqual([6, 12])
    for (const [wrong, length] of [
      [body.subarray(0, -1), String(head.length)],
      [Buffer.concat([body, Buffer.alloc(1)]), String(head.length)],
      [body, '99999'],
      [body, '-1'],
      [body, String(head.length - 1)],
    ] as const) {
      const refused = await send(wrong, length)
      expect([refused.status, ((await refused.json()) as { error: { code: string } }).error.code]).toEqual([
        400,
        'invalid_value',
      ])
    }
    tab.leave()
    await tab.closed
  })

  it('refuses the options of a later version by name, in a binary body too', async () => {
    const head = JSON.stringify({ inputs: [x], opentab: { confidence: 2 } })
    const { status, json } = await relay.post('/v2/models/triple/infer', Buffer.from(head), {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(head.length),
    })
    expect([status, json.error.code, json.error.param]).toEqual([
      400,
      'unsupported_parameter',
      'opentab.confidence',
    ])
  })

  it('takes the bytes of a blob, whatever type they came under', async () => {
    const tab = await triples()
    const bytes = new Uint8Array(Float32Array.of(1, 2).buffer)
    for (const type of ['application/octet-stream', 'application/json', 'text/plain', 'image/png']) {
      const { status, json } = await relay.post('/blobs', bytes, { 'content-type': type })
      expect([status, json]).toEqual([201, { sha256: hashOf(1, 2), bytes: 8 }])
    }
    const { data, ...rest } = x
    const answer = await relay.post('/v2/models/triple/infer', { inputs: [{ ...rest, blob: hashOf(1, 2) }] })
    expect(answer.json.outputs).toMatchObject([{ data: [3, 6] }])
    expect(
      (await relay.post('/v2/models/triple/infer', { inputs: [{ ...x, blob: hashOf(1, 2) }] })).status,
    ).toBe(400)
    tab.leave()
    await tab.closed
  })

  const wrong: [string, unknown, string | null][] = [
    ['no inputs', { inputs: [] }, 'inputs'],
    ['an unknown input', { inputs: [{ ...x, name: 'z' }] }, 'inputs'],
    ['an input twice', { inputs: [x, x] }, 'inputs'],
    ['another datatype', { inputs: [{ ...x, datatype: 'FP64' }] }, 'inputs'],
    ['another rank', { inputs: [{ ...x, shape: [2] }] }, 'inputs'],
    ['another fixed dimension', { inputs: [{ ...x, shape: [2, 1] }] }, 'inputs'],
    ['too little data', { inputs: [{ ...x, data: [1] }] }, 'inputs'],
    ['a value that is none', { inputs: [{ ...x, data: [1, 'two'] }] }, 'inputs'],
    ['an unknown output', { inputs: [x], outputs: [{ name: 'z' }] }, 'outputs'],
  ]
  it.each(wrong)('is not asked with %s', async (_, body, param) => {
    const answer = await relay.post('/v2/models/triple/infer', body)
    expect([answer.status, answer.json.error.code, answer.json.error.param]).toEqual([
      400,
      'invalid_value',
      param,
    ])
    const { message } = answer.json.error
    // A job says the same of the same inputs.
    if (param === 'inputs') {
      const job = await relay.post('/v1/jobs', { kind: 'infer', model: 'triple', ...(body as object) })
      expect([job.status, job.json.error.param, job.json.error.message]).toEqual([400, param, message])
    }
  })

  it('[R3] [L9] is recomputed: a wrong tab gets nothing, the requester the right answer from another', async () => {
    const cheat = await relay.tab(BOB, {
      ready: [model],
      kernels: [],
      work: (leases, tab) => tab.sendResults(leases.map((lease) => multiplied(lease, 3.01))),
      onVerdicts: () => void triples(),
    })
    const slow = await relay.submit({ kind: 'infer', model: 'triple', inputs: [x] })
    const job = await relay.ended(slow)
    expect(job.result?.outputs?.[0]?.data).toEqual([3, -7.5])
    expect((await relay.get(`/v1/accounts/${BOB}`)).json).toMatchObject({
      credits: { pending: '0', settled: '0' },
      tasks: { completed: 0, rejected: 1 },
    })
    cheat.leave()
    await cheat.closed
  })

  it('[X2] is not paid for by a requester who leaves', async () => {
    await relay.until('/v1/network', ({ json }) => json.tabs.length <= 1)
    const { tabs } = (await relay.get('/v1/network')).json
    expect(tabs.length).toBeLessThanOrEqual(1)
    let leased = (): void => {}
    let cancelled = (): void => {}
    const [got, lost] = [
      new Promise<void>((resolve) => {
        leased = resolve
      }),
      new Promise<void>((resolve) => {
        cancelled = resolve
      }),
    ]
    const tab = await relay.tab(ALICE, {
      ready: [model],
      kernels: [],
      work: () => leased(),
      onMessage: ({ type }) => type === 'cancel' && cancelled(),
    })
    const leave = new AbortController()
    const ask = () =>
      fetch(`${relay.url}/v2/models/triple/infer`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ inputs: [x] }),
        signal: leave.signal,
      }).catch(() => {})
    // Others may be quicker; one of a few requests reaches the tab that holds still.
    const asked = Array.from({ length: 4 }, ask)
    await got
    leave.abort()
    await lost
    await Promise.all(asked)
    tab.leave()
    await tab.closed
  })

  it('[X2] waits no longer when the relay ends: cancelled, written, no failed commit', async () => {
    const failures: unknown[] = []
    const other = await FixtureRelay.open(
      { QUEUE_WAIT_MS: '60000' },
      { onFailure: (error) => failures.push(error) },
    )
    const DATA = other.config.DATA
    await importOnnxBytes(
      buildModel({
        nodes: [node('Mul', ['x', 'by'], ['y'])],
        initializers: [float32('by', [2], [])],
        inputs: [valueInfo('x', ['batch', 2])],
        outputs: [valueInfo('y', ['batch', 2])],
      }),
      { dataFolder: DATA, name: 'double', source: 'the test' },
    )
    expect((await other.admin('POST', '/admin/models/refresh')).json).toEqual({ data: ['double'] })
    const asked = other.post('/v2/models/double/infer', { inputs: [x] }).catch((error: unknown) => error)
    await other.until('/metrics', ({ text }) => /^opentab_jobs_open 1$/m.test(text))
    await other.close({ keepData: true })
    await asked
    expect(failures).toEqual([])
    const again = await FixtureRelay.open({ DATA })
    expect((await again.get('/metrics')).text).toMatch(/^opentab_jobs_open 0$/m)
    await again.close()
  })

  it('[R1] of a model that is removed before its results are here are checked like others, then its files go', async () => {
    const other = await FixtureRelay.open({ QUEUE_WAIT_MS: '60000' })
    const dataFolder = other.config.DATA
    const { hash: leaving, manifest } = await importOnnxBytes(triple(), {
      dataFolder,
      name: 'leaving',
      source: 'the test',
    })
    await other.admin('POST', '/admin/models/refresh')
    const leased = Promise.withResolvers<Lease>()
    const verdict = Promise.withResolvers<VerdictItem>()
    const tab = await other.tab(ALICE, {
      ready: [leaving],
      kernels: [],
      work: ([lease]) => leased.resolve(lease!),
      onVerdicts: ([item]) => verdict.resolve(item!),
    })
    const asked = other.post('/v2/models/leaving/infer', { inputs: [x] })
    const lease = await leased.promise
    await removeModel(dataFolder, 'leaving')
    expect((await other.admin('POST', '/admin/models/refresh')).json).toEqual({ data: [] })
    tab.sendResults([multiplied(lease, 4)])
    expect(await verdict.promise).toMatchObject({ verdict: 'rejected', microCredits: '0' })
    await other.tab(BOB, {
      ready: [leaving],
      kernels: [],
      work: (leases, good) => good.sendResults(leases.map((each) => multiplied(each))),
    })
    expect((await asked).status).toBe(200)
    const file = join(removedFolderOf(dataFolder), manifest.graphs[0]!.shards[0]!.sha256)
    await other.until('/readyz', () => !existsSync(file))
    await other.close()
  })
})
