import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { computeLease } from '../../../bench/simulatedTab.ts'
import type { Lease } from '../../../protocol/task.ts'
import { FixtureRelay, smallProduct } from '../../fixtureRelay.ts'
import { receiptSalts } from '../../ledger/receipts/commitment.ts'
import { ALICE, BOB } from '../../placement/fakeTab.ts'

let relay: FixtureRelay
beforeAll(async () => {
  relay = await FixtureRelay.open()
})
afterAll(() => relay.close())

/** A tab that keeps what it is given until `release`. */
async function slowTab(address = ALICE) {
  const held: Lease[] = []
  let arrived = (): void => {}
  const first = new Promise<void>((resolve) => {
    arrived = resolve
  })
  const tab = await relay.tab(address, {
    work: (leases) => {
      held.push(...leases)
      arrived()
    },
  })
  return { tab, held, first, release: () => tab.sendResults(held.splice(0).map(computeLease)) }
}

describe('jobs', () => {
  it('are taken with 202, wait, run, and end with outputs, receipts and their salts’ key', async () => {
    const answer = await relay.post('/v1/jobs', smallProduct(7))
    expect(answer.status).toBe(202)
    expect(answer.json).toEqual({ id: expect.stringMatching(/^job_\w+_\w{20}$/), state: 'queued' })
    const { id } = answer.json
    expect((await relay.get(`/v1/jobs/${id}`)).json).toMatchObject({
      id,
      state: 'queued',
      result: null,
      receipts: [],
    })
    const { tab, first, release } = await slowTab()
    await first
    expect((await relay.get(`/v1/jobs/${id}`)).json.state).toBe('running')
    release()
    const job = await relay.ended(id)
    expect(job).toMatchObject({ id, state: 'done', kind: 'kernel', error: null })
    const [c] = job.result!.outputs!
    expect(c).toMatchObject({ name: 'c', datatype: 'INT32', shape: [4, 4] })
    expect(c!.sha256).toBe(
      createHash('sha256')
        .update(Int32Array.from(c!.data as number[]))
        .digest('hex'),
    )
    expect(job.receipts).toHaveLength(1)
    expect(receiptSalts(job.saltKey, job.receipts[0]!).inputSalt).toMatch(/^[0-9a-f]{64}$/)
    expect((await relay.get(`/v1/jobs/${id}`)).json).toEqual(job)
    tab.leave()
    await tab.closed
  })

  it('say each change of state as an event, the whole job with the last', async () => {
    const id = await relay.submit(smallProduct(8))
    const { tab, first, release } = await slowTab()
    await first
    const events = fetch(`${relay.url}/v1/jobs/${id}/events`)
    const answer = await events
    expect(answer.headers.get('content-type')).toBe('text/event-stream')
    release()
    const text = await answer.text()
    const states = [...text.matchAll(/^event: state\ndata: (.*)$/gm)].map(
      ([, data]) => JSON.parse(data!) as { state: string; result: unknown },
    )
    expect(states[0]?.state).toBe('running')
    expect(states.at(-1)).toMatchObject({ state: 'done', result: { outputs: [{ name: 'c' }] } })
    expect((await relay.get(`/v1/jobs/${id}/events`)).text).toContain('"state":"done"')
    tab.leave()
    await tab.closed
  })

  it('are cancelled by DELETE: the tab is told, nothing is paid, a second DELETE changes nothing', async () => {
    const told: unknown[] = []
    const held: Lease[] = []
    let arrived = (): void => {}
    const leased = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const tab = await relay.tab(BOB, {
      work: (leases) => {
        held.push(...leases)
        arrived()
      },
      onMessage: (message) => {
        if (message.type === 'cancel') told.push(message.leases)
      },
    })
    const id = await relay.submit(smallProduct(9))
    await leased
    const answer = await relay.call('DELETE', `/v1/jobs/${id}`)
    expect([answer.status, answer.json.state, answer.json.error.code]).toEqual([
      200,
      'cancelled',
      'cancelled',
    ])
    expect(told).toEqual([[[held[0]!.task, held[0]!.generation]]])
    tab.sendResults(held.map(computeLease))
    expect((await relay.call('DELETE', `/v1/jobs/${id}`)).json).toEqual(answer.json)
    expect((await relay.get(`/v1/accounts/${BOB}`)).json).toMatchObject({
      credits: { pending: '0', settled: '0' },
      tasks: { completed: 0, rejected: 0 },
    })
    tab.leave()
    await tab.closed
  })

  it('of a batch have one receipt and one list of outputs a task, in order', async () => {
    const tab = await relay.tab(ALICE)
    const id = await relay.submit({ kind: 'batch', tasks: [1, 2, 3].map((seed) => smallProduct(seed, 1)) })
    const job = await relay.ended(id)
    expect(job.state).toBe('done')
    expect(new Set(job.receipts).size).toBe(3)
    expect(job.result?.tasks?.map(({ outputs }) => outputs[0]?.shape)).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ])
    const alone = await Promise.all(
      [1, 2, 3].map(async (seed) => relay.ended(await relay.submit(smallProduct(seed, 1)))),
    )
    expect(job.result?.tasks?.map(({ outputs }) => outputs[0]?.data)).toEqual(
      alone.map(({ result }) => result?.outputs?.[0]?.data),
    )
    tab.leave()
    await tab.closed
  })

  it('give an output that is too large for JSON as a blob', async () => {
    const tab = await relay.tab(ALICE)
    const id = await relay.submit({
      kind: 'kernel',
      kernel: 'matmul-i8',
      shape: { m: 257, k: 1, n: 256 },
      seed: 1,
    })
    const [c] = (await relay.ended(id)).result!.outputs!
    expect(c).not.toHaveProperty('data')
    expect(c?.blob).toBe(c?.sha256)
    const bytes = await (await fetch(`${relay.url}/blobs/${c!.blob}`)).arrayBuffer()
    expect(bytes.byteLength).toBe(257 * 256 * 4)
    expect(createHash('sha256').update(new Uint8Array(bytes)).digest('hex')).toBe(c?.sha256)
    tab.leave()
    await tab.closed
  })

  it('take large products through the checking threads', async () => {
    const tab = await relay.tab(ALICE)
    for (const kernel of ['matmul-i8', 'matmul-f32']) {
      const id = await relay.submit({ kind: 'kernel', kernel, shape: { m: 64, k: 64, n: 64 }, seed: 3 })
      expect((await relay.ended(id)).state).toBe('done')
    }
    tab.leave()
    await tab.closed
  })
})

describe('API keys', () => {
  it('are required where the operator says so, each sees its own jobs only, and revoking ends it', async () => {
    const strict = await FixtureRelay.open({ REQUIRE_KEY: '1' })
    const make = async (name: string, limit: string | null) =>
      (await strict.admin('POST', '/admin/keys', { name, limit })).json as { id: string; key: string }
    const [one, two] = [await make('one', '1'), await make('two', null)]
    const as = ({ key }: { key: string }) => ({ authorization: `Bearer ${key}` })
    const refusals = await Promise.all(
      [{}, { authorization: 'Bearer sk-opentab-wrong' }, { authorization: one.key }].map((headers) =>
        strict.post('/v1/jobs', smallProduct(), headers as Record<string, string>),
      ),
    )
    expect(refusals.map(({ status, json }) => [status, json.error.code])).toEqual(
      Array(3).fill([401, 'invalid_api_key']),
    )
    for (const path of ['/blobs', '/v1/embeddings', '/v1/ocr', '/v2/models/m/infer'])
      expect((await strict.post(path, {})).status).toBe(401)
    const id = await strict.submit(smallProduct(1, 1), as(one))
    expect((await strict.get(`/v1/jobs/${id}`, as(two))).status).toBe(404)
    expect((await strict.call('DELETE', `/v1/jobs/${id}`, undefined, as(two))).status).toBe(404)
    const over = await strict.post('/v1/jobs', smallProduct(1, 1), as(one))
    expect([over.status, over.json.error.code, over.headers.get('x-should-retry')]).toEqual([
      429,
      'insufficient_quota',
      'false',
    ])
    const tab = await strict.tab(ALICE)
    expect((await strict.ended(id, as(one))).state).toBe('done')
    const { data } = (await strict.admin('GET', '/admin/keys')).json
    expect(
      data.map((key: { name: string; spent: string; limit: string }) => [key.name, key.spent, key.limit]),
    ).toEqual([
      ['one', '1', '1'],
      ['two', '0', null],
    ])
    expect(JSON.stringify(data)).not.toContain(one.key)
    expect((await strict.admin('DELETE', `/admin/keys/${two.id}`)).json.revoked).toMatch(/^\d{4}-/)
    expect((await strict.post('/v1/jobs', smallProduct(), as(two))).status).toBe(401)
    expect((await strict.admin('DELETE', '/admin/keys/none')).status).toBe(404)
    expect((await strict.admin('POST', '/admin/keys', { name: '' })).json.error.param).toBe('name')
    tab.leave()
    await strict.close()
  })
})
