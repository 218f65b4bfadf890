import { describe, expect, it } from 'vitest'
import { jobStates } from '../../protocol/job.ts'
import { FixtureCore } from '../fixtureCore.ts'
import { endJob } from './endJob.ts'
import { jobName, parseJobName, parseReceiptId, receiptIdOf } from './jobRecords.ts'
import { stateOf, viewJob } from './jobView.ts'

const noBlob = async (): Promise<never> => {
  throw new Error('no blob was to be kept')
}

describe('a job’s state', () => {
  it('follows from its tasks: queued, running, verifying, done', async () => {
    const fixture = new FixtureCore()
    const job = await fixture.submit({ tasks: 2 })
    const seen = [stateOf(job)]
    const tab = fixture.tab()
    seen.push(stateOf(job))
    let open = (): void => {}
    fixture.checker.wait = new Promise((resolve) => {
      open = resolve
    })
    tab.answer(tab.hand.slice(0, 1))
    seen.push(stateOf(job))
    tab.answer()
    seen.push(stateOf(job))
    open()
    await fixture.settle()
    seen.push(stateOf(job))
    expect(seen).toEqual(['queued', 'running', 'running', 'verifying', 'done'])
  })

  it('is running when some tasks are done and others wait', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab({ slots: 1 })
    const job = await fixture.submit({ tasks: 2 })
    tab.say({ type: 'state', state: 'paused' })
    tab.answer()
    await fixture.settle()
    expect([stateOf(job), tab.hand.length]).toEqual(['running', 0])
  })

  it('is one of six', async () => {
    const fixture = new FixtureCore()
    const cancelled = await fixture.submit()
    endJob(fixture.core, cancelled, 'cancelled', {})
    const failed = await fixture.submit()
    endJob(fixture.core, failed, 'failed', {})
    expect([stateOf(cancelled), stateOf(failed)]).toEqual(['cancelled', 'failed'])
    expect(jobStates).toEqual(['queued', 'running', 'verifying', 'done', 'failed', 'cancelled'])
  })
})

describe('a job as its requester sees it', () => {
  it('is shown to whoever has its whole id and pays for it, and to nobody else', async () => {
    const fixture = new FixtureCore()
    const job = await fixture.submit({ tasks: 1 }, { requester: 'key:a' })
    const view = (name: string, requester: string) => viewJob(fixture.core, name, requester, noBlob)
    const looking = view(jobName(job), 'key:a')
    await fixture.settle()
    expect(await looking).toMatchObject({
      id: jobName(job),
      state: 'queued',
      kind: 'batch',
      receipts: [],
      result: null,
    })
    const wrong = `${jobName(job).slice(0, -1)}${job.secret.endsWith('0') ? '1' : '0'}`
    for (const [name, requester] of [
      [jobName(job), 'local'],
      [jobName(job), 'key:b'],
      [wrong, 'key:a'],
      ['job_1', 'key:a'],
      ['', 'key:a'],
      [`job_zzz_${job.secret}`, 'key:a'],
    ] as const)
      await expect(view(name, requester)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('shows no end that is not on disk', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const job = await fixture.submit({ tasks: 1 })
    tab.answer()
    let shown: string | null = null
    void viewJob(fixture.core, jobName(job), 'local', noBlob).then(({ state }) => {
      shown = state
    })
    await Promise.resolve()
    expect(shown).toBe(null)
    await fixture.settle()
    expect(shown).toBe('done')
  })
})

describe('ids', () => {
  it('of jobs and receipts are read back as they were made', () => {
    const job = { seq: 123_456_789, secret: '0123456789abcdefghij' }
    expect(parseJobName(jobName(job))).toEqual(job)
    const [task, generation] = [123_456_789 * 8192 + 17, 0xffffffff]
    expect(parseReceiptId(receiptIdOf(task, generation))).toEqual({ task, generation })
    for (const text of [
      '',
      'rcpt_',
      'rcpt_1',
      'rcpt_1_',
      'rcpt_A_1',
      'rcpt_zzzzzzzzzzz_1',
      'rcpt_1_zzzzzzz',
      'rcpt_1_1 ',
    ])
      expect(parseReceiptId(text)).toBeUndefined()
  })
})
