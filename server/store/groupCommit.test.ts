import { describe, expect, it } from 'vitest'
import { FixtureCore } from '../fixtureCore.ts'
import { submitJob } from '../jobs/submitJob.ts'
import { ALICE } from '../placement/fakeTab.ts'
import { GroupCommit } from './groupCommit.ts'
import { MemoryStore } from './memoryStore.ts'
import type { Batch } from './store.ts'

/** A store whose disk can be told to refuse. */
class FailingStore extends MemoryStore {
  refuse = false
  commits = 0

  override commit(batch: Batch): void {
    if (this.refuse) throw new Error('the disk is full')
    this.commits++
    super.commit(batch)
  }
}

describe('group commit', () => {
  it('makes one commit of everything that a turn pushed, then makes the calls in order', () => {
    const store = new FailingStore()
    const turns: (() => void)[] = []
    const commit = new GroupCommit(
      store,
      () => {},
      (flush) => turns.push(flush),
    )
    const calls: string[] = []
    commit.batch.meta.push(['a', '1'])
    commit.after(() => calls.push(`first, a is ${store.meta('a')}`))
    commit.batch.meta.push(['a', '2'])
    commit.after(() => calls.push(`second, a is ${store.meta('a')}`))
    expect(turns).toHaveLength(1)
    expect(calls).toEqual([])
    turns[0]!()
    expect(calls).toEqual(['first, a is 2', 'second, a is 2'])
    expect(store.commits).toBe(1)
  })

  it('does not trouble the disk when nothing was pushed', () => {
    const store = new FailingStore()
    const commit = new GroupCommit(
      store,
      () => {},
      () => {},
    )
    let called = false
    commit.after(() => {
      called = true
    })
    commit.flush()
    expect(called).toBe(true)
    expect(store.commits).toBe(0)
  })

  it('what a call pushes goes into the next commit', () => {
    const store = new FailingStore()
    const commit = new GroupCommit(
      store,
      () => {},
      () => {},
    )
    commit.after(() => commit.batch.meta.push(['b', '1']))
    commit.flush()
    expect(store.meta('b')).toBeUndefined()
    commit.flush()
    expect(store.meta('b')).toBe('1')
  })

  it('lets hooks add rows just before the commit', () => {
    const store = new FailingStore()
    const commit = new GroupCommit(
      store,
      () => {},
      () => {},
    )
    commit.beforeCommit('entries', (batch) => batch.meta.push(['hook', '1']))
    commit.request()
    commit.flush()
    expect(store.meta('hook')).toBe('1')
  })

  it('gathers what comes while a commit is under way for the next one', async () => {
    const disk: (() => void)[] = []
    const batches: Batch[] = []
    class SlowStore extends MemoryStore {
      override commit(batch: Batch): Promise<void> {
        batches.push(batch)
        return new Promise((resolve) => disk.push(resolve))
      }
    }
    const turns: (() => void)[] = []
    const commit = new GroupCommit(
      new SlowStore(),
      () => {},
      (flush) => turns.push(flush),
    )
    const calls: string[] = []
    commit.batch.meta.push(['a', '1'])
    commit.after(() => calls.push('first'))
    turns.shift()!()
    commit.batch.meta.push(['b', '2'])
    commit.after(() => calls.push('second'))
    turns.shift()!()
    expect(batches.map((batch) => batch.meta)).toEqual([[['a', '1']]])
    expect(calls).toEqual([])
    disk.shift()!()
    await Promise.resolve()
    expect(calls).toEqual(['first'])
    turns.shift()!()
    expect(batches[1]?.meta).toEqual([['b', '2']])
    disk.shift()!()
    await Promise.resolve()
    expect(calls).toEqual(['first', 'second'])
  })

  it('acknowledges nothing any more after a commit failed, and says so once', async () => {
    const store = new FailingStore()
    const failures: unknown[] = []
    const commit = new GroupCommit(
      store,
      (error) => failures.push(error),
      () => {},
    )
    let called = false
    commit.batch.meta.push(['a', '1'])
    commit.after(() => {
      called = true
    })
    store.refuse = true
    commit.flush()
    store.refuse = false
    commit.batch.meta.push(['a', '2'])
    commit.after(() => {
      called = true
    })
    commit.flush()
    expect(called).toBe(false)
    expect(commit.failed).toBe(true)
    expect(failures).toEqual([new Error('the disk is full')])
    expect(store.meta('a')).toBeUndefined()
    await expect(commit.durable()).rejects.toThrow('the disk is full')
  })

  it('[R4] a job is not acknowledged, a result not credited, a verdict not sent when its commit fails', async () => {
    const store = new FailingStore()
    const fixture = new FixtureCore({ store })
    const tab = fixture.tab()
    const job = await fixture.submit()
    let acknowledged = false
    store.refuse = true
    void submitJob(fixture.core, {
      kind: 'batch',
      body: { tasks: 1 },
      requester: 'local',
      mode: 'background',
    }).then(
      () => {
        acknowledged = true
      },
      () => {},
    )
    let ended = false
    job.listeners.add(() => {
      ended = true
    })
    tab.answer()
    await fixture.settle()
    expect(fixture.commitFailures).toHaveLength(1)
    expect([acknowledged, ended]).toEqual([false, false])
    // The relay stops now; what the disk holds is what is true.
    store.refuse = false
    const after = await fixture.restart()
    expect(after.credit(ALICE)).toBe(0)
    expect(after.store.job(job.seq)?.state).toBe('open')
    expect(after.store.logSize()).toBe(0)
    after.tab().answer()
    await after.settle()
    expect(after.credit(ALICE)).toBe(2)
    after.audit()
  })
})
