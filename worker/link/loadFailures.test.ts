import { describe, expect, it } from 'vitest'
import { OpentabError } from '../../protocol/errors.ts'
import { kernelLease } from './fakeRelay.ts'
import { DEVICE_LOST_WAIT_MS } from './governor.ts'
import { FIRST_WAIT_MS, LoadFailures, MOST_TRIES } from './loadFailures.ts'
import { testModel, testSession } from './testSession.ts'

const bytes = (fill: number, length = 10) => new Uint8Array(length).fill(fill)
const HOUR_MS = 3_600_000

/** A session that is asked for a model of ten bytes; `list` is the relay's list as it comes again. */
const askedFor = async (storageBytes = 1000) => {
  const test = testSession({ storageBytes })
  const model = await testModel('m', bytes(1))
  const shard = model.manifest.graphs[0]!.shards[0]!.sha256
  test.source.blobs.set(shard, bytes(1))
  await test.begin()
  const list = async (models = [model]) => {
    test.relay.say({ type: 'models', models })
    for (let turn = 0; turn < 4; turn++) await test.clock.settle()
  }
  const ready = () => test.relay.all('ready').at(-1)
  return { ...test, model, shard, list, ready }
}

describe('a model that cannot be loaded', () => {
  it('[K13] for its bytes is not fetched again with every list of a bad connection', async () => {
    const { source, shard, list, clock } = await askedFor()
    source.blobs.set(shard, bytes(2))
    for (let times = 0; times < 20; times++) await list()
    expect(source.asked).toHaveLength(1)
    await clock.advance(FIRST_WAIT_MS)
    expect(source.asked).toHaveLength(2)
    await clock.advance(HOUR_MS)
    expect(source.asked).toHaveLength(2)
  })

  it('for want of memory is not opened again with every list, and is once the relay has it anew', async () => {
    const { compute, list, model, ready } = await askedFor()
    compute.loadError = new OpentabError('out_of_memory', 'no room for 10 bytes')
    for (let times = 0; times < 20; times++) await list()
    compute.loadError = null
    await list()
    expect(compute.loaded).toEqual([])
    await list([])
    await list()
    expect(ready()?.models).toEqual([model.hash])
  })

  it('[K13] is tried by itself a few times with growing pauses, not for ever', async () => {
    const { source, list, clock, ready } = await askedFor()
    source.blobs.clear()
    await list()
    await clock.advance(12_000)
    expect(source.asked).toHaveLength(4)
    await clock.advance(10 * HOUR_MS)
    expect(source.asked).toHaveLength(MOST_TRIES)
    expect(ready()?.failed).toMatchObject([[expect.any(String), 'internal', expect.any(String)]])
    await list()
    expect(source.asked).toHaveLength(MOST_TRIES + 1)
  })

  it('[K13] is told to the relay with its reason, in its greetings too, until it is there', async () => {
    const { source, shard, list, clock, relay, model, ready } = await askedFor()
    source.blobs.set(shard, bytes(2))
    await list()
    expect(ready()).toMatchObject({ models: [], failed: [[model.hash, 'wrong_hash', expect.any(String)]] })
    relay.close(1006)
    await clock.advance(500)
    relay.accept()
    expect(relay.all('hello').at(-1)?.failed).toMatchObject([[model.hash, 'wrong_hash', expect.any(String)]])
    source.blobs.set(shard, bytes(1))
    await list()
    await clock.advance(FIRST_WAIT_MS)
    expect(ready()).toMatchObject({ models: [model.hash], failed: [] })
  })

  it('does not keep the tab busy after it was deleted', async () => {
    const { session, source, list, clock, model } = await askedFor()
    source.breakAfter = 4
    await list()
    await session.deleteModel(model.hash)
    const timers: number[] = []
    const { after } = clock
    clock.after = (ms, run) => {
      timers.push(ms)
      if (timers.length > 20) throw new Error(`Timer after timer: ${timers} ms.`)
      return after.call(clock, ms, run)
    }
    await clock.advance(2_000)
    expect(source.asked).toHaveLength(1)
  })

  it('because the device was lost under it waits with the device and comes back with it', async () => {
    const { compute, list, look, clock, ready, model, relay } = await askedFor()
    compute.loadError = new OpentabError('device_lost', 'the driver was reset')
    await list()
    expect((await look()).state).toMatchObject({ name: 'paused', reason: 'device-lost' })
    compute.loadError = null
    await clock.advance(DEVICE_LOST_WAIT_MS)
    expect(ready()?.models).toEqual([model.hash])
    relay.lease(kernelLease(1))
    await clock.settle()
    expect(compute.runs).toHaveLength(1)
  })

  it('because it loses the device each time ends the session with its reason', async () => {
    const { compute, list, look, clock } = await askedFor()
    compute.loadError = new OpentabError('device_lost', 'Loading m failed')
    await list()
    await clock.advance(DEVICE_LOST_WAIT_MS)
    const { state } = await look()
    expect(state).toMatchObject({ name: 'stopped', error: { code: 'device_lost' } })
    expect(compute.spawned).toBe(2)
  })
})

describe('a load', () => {
  it('that is called off while compute opens the model takes no memory in the end', async () => {
    const { compute, list, model } = await askedFor()
    const held = Promise.withResolvers<void>()
    compute.loadsHeld = held.promise
    await list()
    await list([])
    held.resolve()
    await list([])
    expect(compute.unloaded).toEqual([model.hash])
  })

  it('that ends between the greeting and its answer is told all the same', async () => {
    const { compute, list, relay, clock, model, ready } = await askedFor()
    const held = Promise.withResolvers<void>()
    compute.loadsHeld = held.promise
    await list()
    relay.close(1006)
    await clock.advance(500)
    relay.opened()
    held.resolve()
    await clock.settle()
    relay.welcome()
    expect(relay.all('hello').at(-1)?.ready).toEqual([])
    expect(ready()?.models).toEqual([model.hash])
  })

  it('of a model that has another name now fetches nothing', async () => {
    const { list, source, ready, model } = await askedFor()
    await list()
    const renamed = await testModel('other-name', bytes(1))
    await list([renamed])
    expect(ready()?.models).toEqual([renamed.hash])
    expect(source.asked).toHaveLength(1)
    expect(renamed.hash).not.toBe(model.hash)
  })
})

it('a failure for want of room is over when there is more of it, and no other is', () => {
  const failures = new LoadFailures()
  failures.add('a', { code: 'storage_full', message: '' }, 0)
  failures.add('b', { code: 'model_failed', message: '' }, 0)
  failures.forgetWantOfRoom()
  expect(['a', 'b'].map((hash) => failures.errorOf(hash)?.code)).toEqual([undefined, 'model_failed'])
})
