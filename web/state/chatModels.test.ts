import { describe, expect, it } from 'vitest'
import type { NetworkModel } from '../../protocol/network.ts'
import { modelToTake, servingText } from './chatModels.ts'

const model = (id: string, more: Partial<NetworkModel> = {}): NetworkModel => ({
  id,
  kind: 'chat',
  bytes: 1,
  tabs: 0,
  ready: false,
  ...more,
})

describe('what stands beside a model', () => {
  it('counts the tabs that hold it whole, and not those that hold a part', () => {
    const held = model('lm', { mode: 'whole', tabs: 5, tabsWhole: 1, stages: 3, stagesHeld: 3, ready: true })
    expect(servingText(held)).toBe('Whole in 1 tab')
    expect(servingText({ ...held, tabsWhole: 2 })).toBe('Whole in 2 tabs')
  })

  it('says that tabs share it, and what is missing where they do not hold all of it', () => {
    const shared = model('lm', {
      mode: 'shared',
      tabs: 3,
      tabsWhole: 0,
      stages: 3,
      stagesHeld: 3,
      ready: true,
    })
    expect(servingText(shared)).toBe('Shared over 3 tabs')
    expect(servingText({ ...shared, mode: 'none', stagesHeld: 2, ready: false })).toBe(
      'No tab can answer now: tabs hold 2 of its 3 parts',
    )
    expect(servingText({ ...shared, mode: 'none', tabs: 0, stagesHeld: 0, ready: false })).toBe(
      'No tab can answer now',
    )
  })

  it('says what memory a tab must give where no part fits those that are there', () => {
    const none = { mode: 'none', stages: 3, stagesHeld: 0, ready: false, tabs: 0 } as const
    expect(servingText(model('lm', { ...none, memoryWanted: 342_200_001 }))).toBe(
      'No tab can answer now: none gives the memory for a part of the model, 343 MB',
    )
  })

  it('counts tabs where the relay does not tell how they share it', () => {
    expect(servingText(model('lm', { tabs: 2, ready: true }))).toBe('2 tabs can answer now')
    // Tabs that hold parts of it cannot answer.
    expect(servingText(model('lm', { tabs: 2 }))).toBe('No tab can answer now')
  })
})

describe('the model that is taken by itself', () => {
  const models = [model('asleep'), model('awake', { ready: true })]

  it('is the one that can answer, where none was chosen', () => {
    expect(modelToTake(models, null, false)).toBe('awake')
    expect(modelToTake(models.slice(0, 1), null, false)).toBe('asleep')
    expect(modelToTake([], null, false)).toBeNull()
  })

  it('is none where the chosen one is served, able or not', () => {
    expect(modelToTake(models, 'asleep', false)).toBeNull()
  })

  it('is none in the middle of a conversation, even where its model is gone', () => {
    expect(modelToTake(models, 'gone', true)).toBeNull()
    expect(modelToTake(models, 'gone', false)).toBe('awake')
  })
})
