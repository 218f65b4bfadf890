import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Receipt } from '../../../protocol/receipt.ts'
import { FixtureRelay, smallProduct } from '../../fixtureRelay.ts'
import { verifyReceiptFile } from '../../ledger/receipts/verifyReceiptFile.ts'
import { ALICE, BOB } from '../../placement/fakeTab.ts'

let relay: FixtureRelay
let job: { receipts: string[] }
beforeAll(async () => {
  relay = await FixtureRelay.open()
  const tab = await relay.tab(ALICE)
  job = await relay.ended(
    await relay.submit({
      kind: 'batch',
      tasks: Array.from({ length: 60 }, (_, seed) => smallProduct(seed, 1)),
    }),
  )
  tab.leave()
  await tab.closed
})
afterAll(() => relay.close())

const settledAccount = (address: string) =>
  relay.until(
    `/v1/accounts/${address}`,
    ({ json }) => json.credits.pending === '0' && json.credits.settled !== '0',
  )

describe('accounts', () => {
  it('show credits, tasks and receipts; in lower case they are found as well', async () => {
    const { json } = await settledAccount(ALICE)
    expect(json).toEqual({
      address: ALICE,
      credits: { pending: '0', escrow: '0', settled: '60', paid: '0' },
      tasks: { completed: 60, rejected: 0 },
      receipts: { count: 60, latest: expect.stringMatching(/^rcpt_/) },
    })
    expect((await relay.get(`/v1/accounts/${ALICE.toLowerCase()}`)).json).toEqual(json)
  })

  it('that nobody worked for are empty', async () => {
    expect((await relay.get(`/v1/accounts/${BOB}`)).json).toMatchObject({
      credits: { settled: '0' },
      receipts: { count: 0, latest: null },
    })
    expect((await relay.get(`/v1/accounts/${BOB}/receipts`)).json).toEqual({ data: [], next: null })
  })

  it('list receipts newest first, page by page, each once', async () => {
    const seen: Receipt[] = []
    let path = `/v1/accounts/${ALICE}/receipts?limit=25`
    const sizes: number[] = []
    for (;;) {
      const { data, next } = (await relay.get(path)).json as { data: Receipt[]; next: string | null }
      seen.push(...data)
      sizes.push(data.length)
      if (next === null) break
      path = `/v1/accounts/${ALICE}/receipts?limit=25&cursor=${next}`
    }
    expect(sizes).toEqual([25, 25, 10])
    expect(new Set(seen.map(({ id }) => id))).toEqual(new Set(job.receipts))
    expect(seen.map(({ previous }) => previous)).toEqual([...seen.slice(1).map(({ id }) => id), null])
    const { data } = (await relay.get(`/v1/accounts/${ALICE}/receipts`)).json
    expect(data).toEqual(seen.slice(0, 50))
  })

  it('end their list where it ends, also on a full page', async () => {
    const { data, next } = (await relay.get(`/v1/accounts/${ALICE}/receipts?limit=60`)).json
    expect([data.length, next]).toEqual([60, null])
  })

  it('do not take another account’s receipt for a cursor', async () => {
    const answer = await relay.get(`/v1/accounts/${BOB}/receipts?cursor=${job.receipts[0]}`)
    expect(answer.json.error).toMatchObject({ code: 'invalid_value', param: 'cursor' })
  })
})

describe('receipts', () => {
  it('are pending until a checkpoint covers them, then verify offline', async () => {
    const tab = await relay.tab(BOB)
    const fresh = (await relay.ended(await relay.submit(smallProduct(99, 1)))).receipts[0]!
    const first = await relay.get(`/v1/receipts/${fresh}`)
    // The first checkpoint after a quiet second comes at once, so it may be there already.
    if (first.status === 202) {
      expect(first.json).toEqual({ id: fresh, state: 'pending' })
      expect(first.headers.get('retry-after')).toBe('1')
    }
    const { json } = await relay.until(`/v1/receipts/${fresh}`, ({ status }) => status === 200)
    const vkey = (await relay.get('/log/vkey')).text.trim()
    const verified = await verifyReceiptFile(json, vkey, json.eip712.signer)
    expect(verified.steps.filter(({ ok }) => !ok)).toEqual([])
    expect(verified.valid).toBe(true)
    expect(json.receipt).toMatchObject({
      id: fresh,
      account: BOB,
      verdict: 'freivalds',
      microCredits: '1',
      lane: 'exact',
    })
    tab.leave()
    await tab.closed
  })

  it('that were changed anywhere do not verify', async () => {
    const { json } = await relay.until(`/v1/receipts/${job.receipts[3]}`, ({ status }) => status === 200)
    const vkey = (await relay.get('/log/vkey')).text.trim()
    const forged = [
      { ...json, receipt: { ...json.receipt, account: BOB } },
      { ...json, entry: `${json.entry.slice(0, -6)}AAAA==` },
      { ...json, index: json.index + 1 },
      { ...json, proof: json.proof.replace(/\n60\n/, '\n61\n').replace(/^index \d+/m, 'index 0') },
    ]
    for (const document of forged) expect((await verifyReceiptFile(document, vkey)).valid).toBe(false)
    expect((await verifyReceiptFile(json, vkey)).valid).toBe(true)
  })

  it('keep the wallet signature that was made when they were first asked for', async () => {
    const path = `/v1/receipts/${job.receipts[0]}`
    const first = await relay.until(path, ({ status }) => status === 200)
    expect((await relay.get(path)).json.eip712).toEqual(first.json.eip712)
  })

  it('give the proof file alone', async () => {
    const path = `/v1/receipts/${job.receipts[0]}`
    const { json } = await relay.until(path, ({ status }) => status === 200)
    const answer = await relay.get(`${path}?format=tlog-proof`)
    expect(answer.headers.get('content-type')).toContain('text/plain')
    expect(answer.text.split('\n')[0]).toBe(json.proof.split('\n')[0])
  })
})

describe('the log', () => {
  it('shows its key, its checkpoint, and no more than that covers', async () => {
    await settledAccount(ALICE)
    const vkey = (await relay.get('/log/vkey')).text
    const checkpoint = await relay.get('/log/checkpoint')
    const [origin, size] = checkpoint.text.split('\n')
    expect(vkey.startsWith(`${origin}+`)).toBe(true)
    expect(Number(size)).toBeGreaterThanOrEqual(60)
    expect(checkpoint.headers.get('cache-control')).toBe('no-cache')
    const tile = await fetch(`${relay.url}/log/tile/0/000.p/60`)
    expect((await tile.arrayBuffer()).byteLength).toBe(60 * 32)
    expect(tile.headers.get('cache-control')).toContain('immutable')
    const entries = Buffer.from(await (await fetch(`${relay.url}/log/tile/entries/000.p/60`)).arrayBuffer())
    const first = JSON.parse(entries.toString('utf8', 2, 2 + entries.readUInt16BE(0))) as Receipt
    expect(job.receipts).toContain(first.id)
    for (const path of [
      '0/000.p/255',
      '0/000',
      '1/000',
      '0/001',
      'entries/000',
      '0/000.p/0',
      '-1/000',
      '0/0',
    ])
      expect((await relay.get(`/log/tile/${path}`)).status).toBe(404)
  })
})
