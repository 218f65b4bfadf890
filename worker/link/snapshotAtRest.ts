import type { TabSnapshot } from './tabApi.ts'

/** What the page shows before the first Start. @param allowedBytes storage that models may take */
export const snapshotAtRest = (allowedBytes: number): TabSnapshot => ({
  state: { name: 'off' },
  tab: null,
  relay: null,
  device: null,
  credits: null,
  session: { microCredits: '0', completed: 0, rejected: 0, startedAt: null },
  current: null,
  tasks: [],
  throughput: [],
  models: [],
  storage: { usedBytes: 0, allowedBytes },
})
