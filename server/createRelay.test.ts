import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { computeLease } from '../bench/simulatedTab.ts'
import { closeCodes } from '../protocol/closeCodes.ts'
import type { Receipt } from '../protocol/receipt.ts'
import type { Lease } from '../protocol/task.ts'
import { ADMIN_TOKEN, FixtureRelay, newDataFolder, smallProduct } from './fixtureRelay.ts'
import { verifyReceiptFile } from './ledger/receipts/verifyReceiptFile.ts'
import { restoreBackup } from './ops/backup.ts'
import { ALICE, BOB, CAROL } from './placement/fakeTab.ts'
import { makeWrong, wrongResultKinds } from './verify/wrongResults.ts'

/** Leases as they come, and a promise of the first. */
function holding() {
  const leases: Lease[] = []
  let arrived: (lease: Lease) => void = () => {}
  const first = new Promise<Lease>((resolve) => {
    arrived = resolve
  })
  const work = (got: readonly Lease[]): void => {
    leases.push(...got)
    arrived(got[0]!)
  }
  return { leases, first, work }
}

describe('a relay', () => {
  it('refuses a data folder that another one uses, and takes it when that has ended', async () => {
    const first = await FixtureRelay.open()
    const DATA = first.config.DATA
    await expect(FixtureRelay.open({ DATA })).rejects.toMatchObject({ code: 'data_in_use' })
    expect((await first.get('/readyz')).status).toBe(200)
    await first.close({ keepData: true })
    const second = await FixtureRelay.open({ DATA })
    await second.close()
  })

  it('makes its secrets once, for its owner only', async () => {
    const DATA = newDataFolder()
    const first = await FixtureRelay.open({ DATA, ADMIN_TOKEN: '' })
    const vkey = (await first.get('/log/vkey')).text
    for (const file of ['admin-token', 'keys/log.key', 'keys/evm.json', 'keys/salt.key'])
      expect(statSync(join(DATA, file)).mode & 0o777).toBe(0o600)
    await first.close({ keepData: true })
    const second = await FixtureRelay.open({ DATA, ADMIN_TOKEN: '' })
    expect((await second.get('/log/vkey')).text).toBe(vkey)
    await second.close()
  })

  it('[D1] [D3] ends in order: takes what is in hand, tells the tabs, closes with 1012', async () => {
    const relay = await FixtureRelay.open()
    const { first, work } = holding()
    let drained = (): void => {}
    const drain = new Promise<void>((resolve) => {
      drained = resolve
    })
    const tab = await relay.tab(ALICE, { work, onMessage: ({ type }) => type === 'drain' && drained() })
    const id = await relay.submit(smallProduct(1, 1))
    const lease = await first
    const closing = relay.relay.close()
    await drain
    expect((await relay.get('/readyz')).status).toBe(503)
    expect((await relay.post('/v1/jobs', smallProduct())).json.error.code).toBe('draining')
    const late = relay.connect(BOB)
    await late.closed
    tab.sendResults([computeLease(lease)])
    await closing
    const again = await FixtureRelay.open({ DATA: relay.config.DATA })
    expect((await again.get(`/v1/jobs/${id}`)).json).toMatchObject({
      state: 'done',
      receipts: [expect.any(String)],
    })
    await again.close()
  })

  it('[D3] closes tabs with 1012 when it ends', async () => {
    const relay = await FixtureRelay.open()
    const tab = await relay.tab(ALICE)
    await relay.relay.close()
    expect(await tab.closed).toBe(closeCodes.drain.code)
    await relay.close()
  })

  it('takes up its jobs, receipts and credits again on the same data', async () => {
    const first = await FixtureRelay.open()
    const DATA = first.config.DATA
    const tab = await first.tab(ALICE)
    const done = await first.ended(await first.submit(smallProduct(1, 1)))
    tab.leave()
    await tab.closed
    const open = await first.submit(smallProduct(2, 1))
    await first.close({ keepData: true })
    const second = await FixtureRelay.open({ DATA })
    expect((await second.get(`/v1/jobs/${done.id}`)).json).toEqual(done)
    const worker = await second.tab(BOB)
    expect((await second.ended(open)).state).toBe('done')
    const document = await second.until(`/v1/receipts/${done.receipts[0]}`, ({ status }) => status === 200)
    expect((await verifyReceiptFile(document.json, (await second.get('/log/vkey')).text.trim())).valid).toBe(
      true,
    )
    const { credits, receipts } = (await second.get(`/v1/accounts/${ALICE}`)).json
    expect([credits.settled, receipts.count]).toEqual(['1', 1])
    worker.leave()
    await second.close()
  })
})

describe('backup and restore', () => {
  it('made while running, restored elsewhere: a new origin whose first entry names the old checkpoint', async () => {
    const relay = await FixtureRelay.open()
    const tab = await relay.tab(ALICE)
    const ids = await Promise.all([1, 2, 3].map((seed) => relay.submit(smallProduct(seed, 1))))
    for (const id of ids) await relay.ended(id)
    await relay.until(`/v1/accounts/${ALICE}`, ({ json }) => json.credits.settled === '3')
    const old = (await relay.get('/log/checkpoint')).text
    const file = join(newDataFolder(), 'relay.backup')
    const backup = await relay.admin('POST', '/admin/backup', { file })
    expect(backup.json).toMatchObject({ file, logSize: 3 })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect((await relay.admin('POST', '/admin/backup', { file })).json.error.message).toContain(
      'is there already',
    )
    expect((await relay.admin('POST', '/admin/backup', { file: 'here' })).json.error.param).toBe('file')
    tab.leave()
    await tab.closed
    await relay.close()

    const DATA = join(newDataFolder(), 'restored')
    const { origin, previous } = await restoreBackup(file, DATA)
    await expect(restoreBackup(file, DATA)).rejects.toMatchObject({ code: 'data_in_use' })
    expect(previous).toBe(old.split('\n')[0])
    expect(origin).not.toBe(previous)
    const restored = await FixtureRelay.open({ DATA })
    const { text } = await restored.until('/log/checkpoint', (answer) => answer.text.split('\n')[1] !== '0')
    expect(text.split('\n').slice(0, 2)).toEqual([origin, '1'])
    const entries = Buffer.from(await (await fetch(`${restored.url}/log/tile/entries/000.p/1`)).arrayBuffer())
    expect(JSON.parse(entries.toString('utf8', 2))).toEqual({ v: 1, restored: old })
    expect((await restored.get(`/v1/accounts/${ALICE}`)).json.credits.settled).toBe('3')

    // Work goes on, also past the size at which the old log settled, and verifies under the new key.
    const worker = await restored.tab(ALICE)
    for (const seed of [4, 5, 6]) await restored.ended(await restored.submit(smallProduct(seed, 1)))
    const account = await restored.until(`/v1/accounts/${ALICE}`, ({ json }) => json.credits.settled === '6')
    const vkey = (await restored.get('/log/vkey')).text.trim()
    const document = await restored.get(`/v1/receipts/${account.json.receipts.latest}`)
    expect((await verifyReceiptFile(document.json, vkey)).valid).toBe(true)
    const { data, next } = (await restored.get(`/v1/accounts/${ALICE}/receipts`)).json as {
      data: Receipt[]
      next: null
    }
    expect([data.length, next]).toEqual([3, null])
    expect((await restored.get(`/v1/accounts/${ALICE}/receipts?limit=3`)).json.next).toBe(null)
    worker.leave()
    await restored.close()
    await rm(file, { force: true })
  })

  it('of a file that is no backup is refused, and leaves no database', async () => {
    const DATA = join(newDataFolder(), 'restored')
    await expect(restoreBackup(new URL(import.meta.url).pathname, DATA)).rejects.toMatchObject({
      code: 'invalid_value',
    })
    expect(existsSync(join(DATA, 'opentab.sqlite'))).toBe(false)
  })

  it('of a backup that is cut off leaves the folder as it was, so that the whole one can be restored there', async () => {
    const relay = await FixtureRelay.open()
    const file = join(newDataFolder(), 'whole.tgz')
    await relay.post('/admin/backup', { file }, { authorization: `Bearer ${ADMIN_TOKEN}` })
    const DATA = newDataFolder()
    const cut = join(newDataFolder(), 'cut.tgz')
    const bytes = readFileSync(file)
    for (const share of [0.3, 0.6, 0.9]) {
      writeFileSync(cut, bytes.subarray(0, bytes.byteLength * share))
      await expect(restoreBackup(cut, DATA)).rejects.toMatchObject({ code: 'invalid_value' })
      expect(readdirSync(DATA)).toEqual([])
    }
    await restoreBackup(file, DATA)
    expect(readdirSync(DATA)).toContain('opentab.sqlite')
  })
})

describe('a tab that is wrong', () => {
  it.each(wrongResultKinds)(
    '[R2] [R3] gets nothing for %s; the requester gets the right answer from another',
    async (kind) => {
      const relay = await FixtureRelay.open()
      const reasons: string[] = []
      let judged = (): void => {}
      const rejected = new Promise<void>((resolve) => {
        judged = resolve
      })
      const cheat = await relay.tab(ALICE, {
        work: (leases, tab) =>
          tab.sendResults(
            leases.map((lease) => {
              const right = computeLease(lease)
              return { ...right, outputs: makeWrong(kind, right.outputs, lease.task) }
            }),
          ),
        onVerdicts: (items) => {
          for (const { verdict, reason } of items) if (verdict === 'rejected') reasons.push(reason ?? '')
          judged()
        },
      })
      const seeded = kind === 'nan' ? { ...smallProduct(5, 8), kernel: 'matmul-f32' } : smallProduct(5, 8)
      const id = await relay.submit(seeded)
      await rejected
      const honest = await relay.tab(CAROL)
      const job = await relay.ended(id)
      expect(job.state).toBe('done')
      const [c] = computeLease(reference(seeded)).outputs
      const elements = kind === 'nan' ? new Float32Array(c!.bytes.buffer) : new Int32Array(c!.bytes.buffer)
      expect(job.result?.outputs?.[0]?.data).toEqual([...elements])
      expect(reasons).toHaveLength(1)
      expect(reasons[0]).toMatch(/\S.{15,}/)
      const cheated = (await relay.get(`/v1/accounts/${ALICE}`)).json
      expect([cheated.credits.pending, cheated.credits.settled, cheated.tasks.rejected]).toEqual([
        '0',
        '0',
        1,
      ])
      expect((await relay.get(`/v1/accounts/${CAROL}`)).json.tasks.completed).toBe(1)
      cheat.leave()
      honest.leave()
      await relay.close()
    },
  )
})

/** The lease of a seeded product, to compute the right answer from. */
const reference = (body: {
  kernel: string
  shape: { m: number; k: number; n: number }
  seed: number
}): Lease => ({
  task: 1,
  generation: 1,
  leaseMs: 1,
  spec: {
    kind: 'kernel',
    kernel: body.kernel === 'matmul-f32' ? 'matmul-f32' : 'matmul-i8',
    subject: 'ab'.repeat(32),
    shape: body.shape,
    seed: body.seed,
    inputs: [],
  },
})
