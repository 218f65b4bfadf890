import { describe, expect, it } from 'vitest'
import { FixtureCore } from '../fixtureCore.ts'
import { submitJob } from '../jobs/submitJob.ts'
import { ALICE } from '../placement/fakeTab.ts'
import { drainRelay } from './drain.ts'

/** Starts a drain; `ended` says whether it is over. */
function drain(fixture: FixtureCore) {
  const state = { ended: false }
  void drainRelay(fixture.core).then(() => {
    state.ended = true
  })
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 50) {
      fixture.clock.advance(50)
      await fixture.settle()
    }
  }
  return { state, pass }
}

describe('a drain', () => {
  it('[D1] tells the tabs, grants nothing more, and takes what they hand in', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab({ slots: 1 })
    const job = await fixture.submit({ tasks: 2 })
    const { state, pass } = drain(fixture)
    expect(tab.messagesOf('drain')).toEqual([{ type: 'drain', reconnectMs: 2000 }])
    await pass(100)
    expect(state.ended).toBe(false)
    tab.answer()
    await pass(100)
    expect(state.ended).toBe(true)
    expect(tab.hand).toEqual([])
    expect(fixture.credit(ALICE)).toBe(2)
    expect(job.ended).toBe(null)
  })

  it('[D1] waits for a result that is being checked', async () => {
    const fixture = new FixtureCore()
    const tab = fixture.tab()
    const job = await fixture.submit()
    let open = (): void => {}
    fixture.checker.wait = new Promise((resolve) => {
      open = resolve
    })
    tab.answer()
    const { state, pass } = drain(fixture)
    await pass(200)
    expect(state.ended).toBe(false)
    open()
    await pass(100)
    expect(state.ended).toBe(true)
    expect(job.ended).toBe('done')
  })

  it('ends at once when nothing is leased, and after six seconds whatever is', async () => {
    const idle = drain(new FixtureCore())
    await idle.pass(0)
    await Promise.resolve()
    expect(idle.state.ended).toBe(true)
    const fixture = new FixtureCore()
    fixture.tab()
    await fixture.submit()
    const { state, pass } = drain(fixture)
    await pass(5_900)
    expect(state.ended).toBe(false)
    await pass(200)
    expect(state.ended).toBe(true)
  })

  it('answers the requesters who still wait, and leaves background jobs for the next start', async () => {
    const fixture = new FixtureCore()
    const request = { kind: 'batch', body: { tasks: 1 }, requester: 'local' }
    const submit = async (mode: 'sync' | 'background') => {
      const submitted = submitJob(fixture.core, { ...request, mode })
      await fixture.settle()
      return submitted
    }
    const waiting = await submit('sync')
    const background = await submit('background')
    const { state, pass } = drain(fixture)
    await pass(50)
    expect(state.ended).toBe(true)
    expect(waiting.error).toMatchObject({ code: 'draining', retryAfterSeconds: 5 })
    expect(background.ended).toBe(null)
  })

  it('[D2] refuses new jobs', async () => {
    const fixture = new FixtureCore()
    const { pass } = drain(fixture)
    await pass(50)
    const refused = submitJob(fixture.core, {
      kind: 'batch',
      body: { tasks: 1 },
      requester: 'local',
      mode: 'sync',
    })
    await expect(refused).rejects.toMatchObject({ code: 'draining', retryAfterSeconds: 5 })
  })

  it('[L8] counts no attempt for the leases that are left', async () => {
    const fixture = new FixtureCore()
    fixture.tab()
    const job = await fixture.submit()
    const { pass } = drain(fixture)
    await pass(6_100)
    const after = await fixture.restart()
    expect(after.snapshotOfAttempts()).toEqual([])
    after.tab().answer()
    await after.settle()
    expect(after.store.job(job.seq)?.state).toBe('done')
  })
})
