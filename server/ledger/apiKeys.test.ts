import { describe, expect, it } from 'vitest'
import { type FixtureBody, FixtureCore } from '../fixtureCore.ts'
import { accountOfKey } from '../http/requester.ts'
import { endJob } from '../jobs/endJob.ts'
import { submitJob } from '../jobs/submitJob.ts'

async function keyed(limit: number | null) {
  const fixture = new FixtureCore()
  const making = fixture.keys.create('mine', limit)
  await fixture.settle()
  const made = await making
  const requester = accountOfKey(made.id)
  const submit = (body: FixtureBody, kind = 'batch') => fixture.submit(body, { kind, requester })
  return { fixture, made, requester, submit }
}

describe('API keys', () => {
  it('are shown once: only their SHA-256 is kept', async () => {
    const { fixture, made } = await keyed(null)
    expect(made.key).toMatch(/^sk-opentab-[\w-]{32}$/)
    const [row] = fixture.store.load().apiKeys
    expect(row).toMatchObject({ id: made.id, name: 'mine', limitMicroCredits: null, revokedAt: null })
    expect(row?.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(JSON.stringify([row, fixture.keys.list(), fixture.keys.find(made.key)])).not.toContain(made.key)
    expect(fixture.keys.list()[0]).not.toHaveProperty('sha256')
  })

  it('are found until they are revoked, over a restart as well', async () => {
    const { fixture, made } = await keyed(null)
    expect(fixture.keys.find(made.key)?.id).toBe(made.id)
    expect(fixture.keys.find(`${made.key}x`)).toBeUndefined()
    const revoking = fixture.keys.revoke(made.id)
    expect(fixture.keys.find(made.key)).toBeUndefined()
    await fixture.settle()
    const { revokedAt } = await revoking
    expect(revokedAt).toBe(fixture.clock.now())
    fixture.clock.advance(1000)
    const again = fixture.keys.revoke(made.id)
    await fixture.settle()
    expect((await again).revokedAt).toBe(revokedAt)
    const after = await fixture.restart()
    expect(after.keys.find(made.key)).toBeUndefined()
    expect(after.keys.list()).toHaveLength(1)
  })

  it('that are not there cannot be revoked', async () => {
    const { fixture } = await keyed(null)
    await expect(fixture.keys.revoke('nobody')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('without a limit spend what they like', async () => {
    const { fixture, submit, requester } = await keyed(null)
    const tab = fixture.tab()
    await submit({ tasks: 1, operations: 1e9 })
    tab.answer()
    await fixture.settle()
    expect(fixture.balance(requester)).toBe(-1e6)
  })

  it('are refused what they cannot pay, before anything is kept', async () => {
    const { fixture, submit } = await keyed(5)
    await expect(submit({ tasks: 3 })).rejects.toMatchObject({
      code: 'insufficient_quota',
      message: 'This costs 6 micro-credits; the key has 5 left.',
    })
    expect(fixture.core.jobs.size).toBe(0)
    expect(fixture.store.load().openJobs).toEqual([])
    await submit({ tasks: 2 })
  })

  it('count what is asked for and not done yet', async () => {
    const { fixture, submit } = await keyed(5)
    const first = await submit({ tasks: 2 })
    await expect(submit({ tasks: 1 })).rejects.toThrow('the key has 1 left')
    endJob(fixture.core, first, 'cancelled', {})
    await fixture.settle()
    await submit({ tasks: 2 })
  })

  it('count what was spent, and get back what was refunded', async () => {
    const { fixture, submit } = await keyed(5)
    const tab = fixture.tab({ slots: 1 })
    await submit({ tasks: 1 })
    tab.answer()
    await fixture.settle()
    const second = await submit({ tasks: 1 })
    await expect(submit({ tasks: 1 })).rejects.toThrow('the key has 1 left')
    tab.answer()
    await fixture.settle()
    expect(second.ended).toBe('done')
    await expect(submit({ tasks: 1 })).rejects.toThrow('the key has 1 left')
  })

  it('bind flows too: the task over the limit fails the job, which is refunded', async () => {
    const { fixture, submit, requester } = await keyed(5)
    const tab = fixture.tab()
    const job = await submit({ tasks: 4, serial: true }, 'flow')
    while (tab.hand.length > 0) {
      tab.answer()
      await fixture.settle()
    }
    expect(job.ended).toBe('failed')
    expect(job.error?.code).toBe('insufficient_quota')
    expect(fixture.balance(requester)).toBe(0)
    fixture.audit()
  })

  it('with nothing left cannot start a flow', async () => {
    const { fixture, submit, requester } = await keyed(2)
    const tab = fixture.tab()
    await submit({ tasks: 1 })
    tab.answer()
    await fixture.settle()
    expect(fixture.balance(requester)).toBe(-2)
    const refused = submitJob(fixture.core, { kind: 'flow', body: { tasks: 1 }, requester, mode: 'sync' })
    await expect(refused).rejects.toMatchObject({ code: 'insufficient_quota' })
  })
})
