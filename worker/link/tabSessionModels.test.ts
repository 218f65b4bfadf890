import { describe, expect, it } from 'vitest'
import type { Lease } from '../../protocol/task.ts'
import { generateLease, kernelLease } from './fakeRelay.ts'
import { DEVICE_LOST_WAIT_MS } from './governor.ts'
import { testLanguageModel, testModel, testSession } from './testSession.ts'

const bytes = (fill: number, length = 10) => new Uint8Array(length).fill(fill)

const inferLease = (task: number, model: string): Lease => ({
  task,
  generation: 1,
  leaseMs: 15_000,
  spec: { kind: 'infer', model, graph: 0, inputs: [] },
})

describe('models', () => {
  const withModels = async (lengths: number[], storageBytes = 1000) => {
    const test = testSession({ storageBytes })
    const models = await Promise.all(lengths.map((length, i) => testModel(`m${i}`, bytes(i + 1, length))))
    for (const [i, model] of models.entries()) {
      test.source.blobs.set(model.manifest.graphs[0]!.shards[0]!.sha256, bytes(i + 1, lengths[i]!))
    }
    await test.begin()
    return { ...test, models }
  }

  it('makes the wanted models ready in order and tells the relay after each', async () => {
    const { relay, compute, clock, models, look } = await withModels([10, 20])
    relay.say({ type: 'models', models })
    await clock.settle()
    await clock.settle()
    expect(compute.loaded.map(({ manifest }) => manifest.id)).toEqual(['m0', 'm1'])
    expect(relay.all('ready').at(-1)?.models).toEqual(models.map(({ hash }) => hash))
    const { models: shown, storage } = await look()
    expect(shown).toMatchObject([
      { id: 'm0', bytes: 10, storedBytes: 10, ready: true, error: null },
      { id: 'm1', bytes: 20, storedBytes: 20, ready: true, error: null },
    ])
    expect(storage).toEqual({ usedBytes: 30, allowedBytes: 1000 })
  })

  it('works on kernels while a model loads, and shows the load when there is no work', async () => {
    const { relay, compute, clock, models, source, look } = await withModels([10])
    const release = source.hold()
    relay.say({ type: 'models', models })
    await clock.settle()
    relay.lease(kernelLease(1))
    expect((await look()).state.name).toBe('working')
    compute.runs[0]!.finish()
    expect((await look()).state).toEqual({ name: 'loading', model: 'm0', bytes: 4, ofBytes: 10 })
    release()
    await clock.settle()
    expect((await look()).state.name).toBe('idle')
    expect(relay.results).toHaveLength(1)
  })

  it('hands back a task whose model is not ready', async () => {
    const { relay, compute } = await withModels([10])
    relay.lease(inferLease(1, 'f'.repeat(64)))
    expect(relay.all('handback')).toMatchObject([{ leases: [[1, 1]], reason: 'not-ready' }])
    expect(compute.started).toBe(0)
  })

  it('tries a download that broke off again, from where it was', async () => {
    const { relay, clock, models, source } = await withModels([10])
    source.breakAfter = 4
    relay.say({ type: 'models', models })
    await clock.settle()
    source.breakAfter = Number.POSITIVE_INFINITY
    await clock.advance(1000)
    expect(source.asked.map(([, from]) => from)).toEqual([0, 4])
    expect(relay.all('ready').at(-1)?.models).toEqual([models[0]!.hash])
  })

  it('goes on to the next model when one has no room, and says why', async () => {
    const { relay, clock, models, look } = await withModels([200, 10], 100)
    relay.say({ type: 'models', models })
    await clock.settle()
    await clock.settle()
    expect(relay.all('ready').at(-1)?.models).toEqual([models[1]!.hash])
    expect((await look()).models[0]).toMatchObject({ ready: false, error: { code: 'storage_full' } })
  })

  it('loads a model once there is room', async () => {
    const { session, relay, clock, models } = await withModels([200], 100)
    relay.say({ type: 'models', models })
    await clock.settle()
    session.change({ storageBytes: 300 })
    await clock.settle()
    await clock.settle()
    expect(relay.all('ready').at(-1)?.models).toEqual([models[0]!.hash])
  })

  it('does not try a model again that this device cannot run', async () => {
    const { relay, compute, clock, models, look } = await withModels([10])
    compute.loadError = Object.assign(new Error('bad operator'), { code: 'model_failed' })
    relay.say({ type: 'models', models })
    await clock.settle()
    compute.loadError = null
    await clock.advance(120_000)
    expect(compute.loaded).toEqual([])
    expect((await look()).models[0]?.error).toEqual({ code: 'model_failed', message: 'bad operator' })
  })

  it('unloads a model that is not wanted any more and keeps its bytes', async () => {
    const { relay, compute, clock, models, look } = await withModels([10])
    relay.say({ type: 'models', models })
    await clock.settle()
    relay.say({ type: 'models', models: [] })
    await clock.settle()
    expect(compute.unloaded).toEqual([models[0]!.hash])
    expect(relay.all('ready').at(-1)?.models).toEqual([])
    expect((await look()).models).toMatchObject([{ id: 'm0', storedBytes: 10, ready: false }])
  })

  it('deletes a model’s bytes and fetches them again at the relay’s next list', async () => {
    const { session, relay, clock, models, look } = await withModels([10])
    relay.say({ type: 'models', models })
    await clock.settle()
    await session.deleteModel(models[0]!.hash)
    await clock.advance(120_000)
    expect(relay.all('ready').at(-1)?.models).toEqual([])
    expect((await look()).storage.usedBytes).toBe(0)
    relay.say({ type: 'models', models })
    await clock.settle()
    expect(relay.all('ready').at(-1)?.models).toEqual([models[0]!.hash])
  })

  it('ends the download of a model that is deleted meanwhile', async () => {
    const { session, relay, clock, models, source, look } = await withModels([10])
    const release = source.hold()
    relay.say({ type: 'models', models })
    await clock.settle()
    const deleted = session.deleteModel(models[0]!.hash)
    release()
    await deleted
    await clock.advance(120_000)
    expect(relay.all('ready')).toEqual([])
    expect(source.asked).toHaveLength(1)
    expect((await look()).state.name).toBe('idle')
  })

  it('names what is ready in the greeting after a reconnect', async () => {
    const { relay, clock, models } = await withModels([10])
    relay.say({ type: 'models', models })
    await clock.settle()
    relay.close(1006)
    await clock.advance(500)
    relay.accept()
    expect(relay.all('hello').at(-1)?.ready).toEqual([models[0]!.hash])
  })

  it('are loaded again from the device after it was lost', async () => {
    const { begin, relay, compute, clock, source } = testSession()
    await begin()
    const model = await testModel('m', bytes(1))
    source.blobs.set(model.manifest.graphs[0]!.shards[0]!.sha256, bytes(1))
    relay.say({ type: 'models', models: [model] })
    await clock.settle()
    relay.lease(inferLease(1, model.hash))
    await clock.settle()
    compute.runs[0]!.fail('device_lost')
    await clock.advance(DEVICE_LOST_WAIT_MS)
    expect(relay.all('ready').map(({ models }) => models)).toEqual([[model.hash], [], [model.hash]])
    expect(source.asked).toHaveLength(1)
  })
})

describe('language models', () => {
  const withLanguageModel = async () => {
    const test = testSession()
    const { model, blobs } = await testLanguageModel('lm', 3)
    for (const [sha256, blob] of blobs) test.source.blobs.set(sha256, blob)
    await test.begin()
    const settle = async () => {
      for (let turn = 0; turn < 20; turn++) await test.clock.settle()
    }
    return { ...test, model, settle }
  }
  const stageLease = (task: number, model: string, first: number, last: number): Lease => ({
    task,
    generation: 1,
    leaseMs: 15_000,
    spec: { kind: 'stage', model, first, last, session: 1, position: 0, inputs: [] },
  })

  it('says how much memory it gives them', async () => {
    const { relay } = await withLanguageModel()
    expect(relay.all('hello')[0]).toMatchObject({ memoryBytes: 1e9, ranges: [] })
  })

  it('holds the whole model where no run of stages is named, and says so as a run', async () => {
    const { relay, compute, model, settle } = await withLanguageModel()
    relay.say({ type: 'models', models: [model] })
    await settle()
    expect(compute.loads.map(({ range }) => range)).toEqual([{ first: 0, last: 2 }])
    expect(relay.all('ready').at(-1)).toMatchObject({ models: [], ranges: [[model.hash, 0, 2]] })
    relay.lease(
      generateLease(1, model.hash),
      stageLease(2, model.hash, 0, 1),
      stageLease(3, model.hash, 2, 3),
    )
    await settle()
    // Also a part of what it holds; not what it does not hold.
    expect(compute.runs.map(({ spec }) => spec.kind)).toEqual(['generate', 'stage'])
    expect(relay.all('handback')).toMatchObject([{ leases: [[3, 1]], reason: 'not-ready' }])
  })

  it('fetches only the stages of its run, and gives them up for another run', async () => {
    const { relay, compute, source, model, settle } = await withLanguageModel()
    const { stages, tokenizer } = model.manifest.language!
    relay.say({ type: 'models', models: [model], ranges: [[model.hash, 1, 1]] })
    await settle()
    const one = [tokenizer, stages[1]!.graph, stages[1]!.weights].map(({ sha256 }) => sha256)
    expect(compute.loads).toEqual([{ model: model.hash, range: { first: 1, last: 1 }, shards: one }])
    expect(source.asked.map(([sha256]) => sha256)).toEqual(one)
    relay.lease(stageLease(1, model.hash, 1, 1), generateLease(2, model.hash))
    await settle()
    expect(compute.runs.map(({ spec }) => spec.kind)).toEqual(['stage'])
    relay.say({ type: 'models', models: [model], ranges: [[model.hash, 1, 2]] })
    await settle()
    expect(compute.unloaded).toEqual([model.hash])
    expect(relay.all('ready').map(({ ranges }) => ranges)).toEqual([
      [[model.hash, 1, 1]],
      [],
      [[model.hash, 1, 2]],
    ])
  })
})
