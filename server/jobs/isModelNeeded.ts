import type { Core } from '../core.ts'

/**
 * Whether work with a model is in a tab's hands, or waits for its verdict: its files are needed for the check then, also
 * when the operator has removed it. Looks through every open job: for the rare time after a removal.
 */
export function isModelNeeded(core: Core, modelHash: string): boolean {
  if (core.answers.isUnderWay(modelHash)) return true
  for (const { tasks } of core.jobs.values())
    for (const { spec, state } of tasks.values())
      if (spec.kind === 'infer' && spec.model === modelHash && state !== 'queued') return true
  return false
}
