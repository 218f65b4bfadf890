import type { LabResult } from './labStore.ts'

/** Whether a run was compared and found wrong. */
export const isWrong = (result: LabResult | null): boolean =>
  result?.kind === 'ran' && result.check.kind === 'compared' && !result.check.right
