import { existsSync, mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, describe, expect, it } from 'vitest'
import { FixtureCore } from '../fixtureCore.ts'
import { jobName } from '../jobs/jobRecords.ts'
import { viewJob } from '../jobs/jobView.ts'
import { ALICE } from '../placement/fakeTab.ts'
import { BlobFolder } from '../store/blobFolder.ts'
import { forgetOld } from './retention.ts'

const DAY_MS = 86_400_000
const folder = mkdtempSync(`${tmpdir()}/opentab-retention-`)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('retention', () => {
  it('forgets inputs and outputs of jobs that ended long ago; receipts and credits stay', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const old = await fixture.submit()
    tab.answer()
    await fixture.settle()
    fixture.clock.advance(7 * DAY_MS)
    const open = await fixture.submit()
    const blobs = new BlobFolder(folder)
    await forgetOld(fixture.core, blobs, 7)
    const store = async (): Promise<string> => ''
    expect((await viewJob(fixture.core, jobName(old), 'local', store)).result).not.toBe(null)
    fixture.clock.advance(1)
    await forgetOld(fixture.core, blobs, 7)
    const view = await viewJob(fixture.core, jobName(old), 'local', store)
    expect(view).toMatchObject({ state: 'done', result: null, receipts: [expect.any(String)] })
    expect(fixture.store.job(old.seq)?.body.byteLength).toBe(0)
    expect(fixture.store.job(open.seq)?.body.byteLength).toBeGreaterThan(0)
    expect([fixture.credit(ALICE), fixture.store.logSize()]).toEqual([2, 1])
    fixture.audit()
  })

  it('removes uploads that are old, and leaves newer ones', async () => {
    const fixture = new FixtureCore()
    const blobs = new BlobFolder(folder)
    const [old, fresh] = [await blobs.write(Uint8Array.of(1)), await blobs.write(Uint8Array.of(2))]
    const now = fixture.clock.now() / 1000
    utimesSync(blobs.pathOf(old.sha256), now - 8 * 86_400, now - 8 * 86_400)
    utimesSync(blobs.pathOf(fresh.sha256), now, now)
    await forgetOld(fixture.core, blobs, 7)
    expect([existsSync(blobs.pathOf(old.sha256)), existsSync(blobs.pathOf(fresh.sha256))]).toEqual([
      false,
      true,
    ])
  })
})
