import type { LabSession } from './session.ts'

/** What a result and a time depend on: not what a sweep would try, and not the name. */
const parts = ['programs', 'passes', 'buffers', 'numbers', 'seed'] as const

/** Whether nothing was changed between two states of a session that a result depends on. */
export const isSameKernel = (one: LabSession, other: LabSession): boolean =>
  parts.every((part) => one[part] === other[part])
