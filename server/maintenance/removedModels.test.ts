import { expect, it } from 'vitest'
import { FixtureCore } from '../fixtureCore.ts'
import { FORGET_EVERY_MS, startForgettingModels } from './removedModels.ts'

const MODEL = 'cd'.repeat(32)

/** A core with one tab that holds a model, and a registry from which that can be removed. */
function world() {
  const fixture = new FixtureCore()
  const removed: string[] = []
  const listeners = new Set<() => void>()
  const stop = startForgettingModels(fixture.core, {
    removed: () => [...removed],
    forget: async (hash) => void removed.splice(removed.indexOf(hash), 1),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  })
  return {
    fixture,
    removed,
    stop,
    tab: fixture.tab({ ready: [MODEL] }),
    remove() {
      removed.push(MODEL)
      for (const listener of listeners) listener()
    },
    async look() {
      fixture.clock.advance(FORGET_EVERY_MS)
      await fixture.settle()
    },
  }
}

it('a removed model is forgotten a second later where nobody needs it', async () => {
  const { removed, remove, look } = world()
  remove()
  expect(removed).toEqual([MODEL])
  await look()
  expect(removed).toEqual([])
})

it('a removed model is kept while a tab computes with it and while a result waits for its check', async () => {
  const { fixture, tab, removed, remove, look } = world()
  let release = (): void => {}
  fixture.checker.wait = new Promise((resolve) => {
    release = resolve
  })
  const job = await fixture.submit({ tasks: 1, model: MODEL })
  remove()
  await look()
  expect(removed).toEqual([MODEL])
  tab.answer()
  await look()
  expect([job.tasks.get(0)!.state, removed]).toEqual(['returned', [MODEL]])
  release()
  await fixture.settle()
  expect(job.ended).toBe('done')
  await look()
  expect(removed).toEqual([])
})

it('a removed model is not kept for work that no tab has', async () => {
  const { fixture, tab, removed, remove, look } = world()
  tab.cut()
  tab.say({ type: 'leaving' })
  const job = await fixture.submit({ tasks: 1, model: MODEL })
  remove()
  await look()
  expect([job.tasks.get(0)!.state, removed]).toEqual(['queued', []])
})

it('nothing is looked for after the relay has ended', async () => {
  const { removed, remove, look, stop } = world()
  remove()
  stop()
  await look()
  expect(removed).toEqual([MODEL])
})
