import { expect, it } from 'vitest'
import type { NetworkDocument, NetworkTab } from '../../protocol/network.ts'
import { deviceClasses, lookAt, servedModels, speedSince } from './networkView.ts'

const tab = (change: Partial<NetworkTab>): NetworkTab => ({
  id: 't',
  address: '0x5',
  deviceClass: 'apple-m2-156',
  backend: 'webgpu',
  state: 'idle',
  models: [],
  tasks: 0,
  ...change,
})
const network = (tabs: NetworkTab[], microCredits = '0', tasks = 0): NetworkDocument => ({
  tabs,
  queue: { queued: 0, leased: 0 },
  totals: { tasks, microCredits },
})

it('counts device classes, most tabs first, then by name', () => {
  const tabs = ['b', 'c', 'a', 'c'].map((deviceClass) => tab({ deviceClass }))
  expect(deviceClasses(network(tabs))).toEqual([
    { name: 'c', tabs: 2 },
    { name: 'a', tabs: 1 },
    { name: 'b', tabs: 1 },
  ])
})

it('counts who holds a model, also one that no list names', () => {
  const tabs = [tab({ models: ['ocr', 'mine'] }), tab({ models: ['ocr'] })]
  const listed = [
    { id: 'ocr', bytes: 5, tabs: 9, ready: true },
    { id: 'mini', bytes: 6, tabs: 0, ready: false },
  ]
  expect(servedModels(network(tabs), listed)).toEqual([
    { id: 'ocr', bytes: 5, tabs: 2, ready: true },
    { id: 'mini', bytes: 6, tabs: 0, ready: false },
    { id: 'mine', bytes: 0, tabs: 1, ready: true },
  ])
  expect(servedModels({ ...network(tabs), models: listed }, [])).toEqual(listed)
})

it('turns totals into speed, and a total that fell into nothing', () => {
  const before = lookAt(network([], '1000000', 5), 0)
  expect(speedSince(before, lookAt(network([], '9000000', 6), 4_999))).toBeNull()
  expect(speedSince(before, lookAt(network([], '21000000', 9), 5_000))).toEqual({
    at: 5_000,
    gflops: 4,
    tasks: 4,
  })
  expect(speedSince(before, lookAt(network([], '0', 0), 5_000))).toEqual({ at: 5_000, gflops: 0, tasks: 0 })
})
