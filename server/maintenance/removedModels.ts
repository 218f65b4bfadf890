import type { FileRegistry } from '../../models/fileRegistry.ts'
import type { Core } from '../core.ts'
import { isModelNeeded } from '../jobs/isModelNeeded.ts'

/** How often it is looked whether a removed model is still needed, ms. */
export const FORGET_EVERY_MS = 1_000

type Removals = Pick<FileRegistry, 'removed' | 'forget' | 'onChange'>

/** Deletes the files of removed models once nothing that was made with them waits for its check, until the returned function is called. */
export function startForgettingModels(core: Core, registry: Removals): () => void {
  let cancel: (() => void) | null = null
  const look = async (): Promise<void> => {
    for (const hash of registry.removed()) if (!isModelNeeded(core, hash)) await registry.forget(hash)
  }
  const plan = (): void => {
    if (cancel !== null || registry.removed().length === 0) return
    cancel = core.clock.after(FORGET_EVERY_MS, () => {
      look()
        .catch((error: unknown) => core.report(error, 'files of a removed model'))
        .finally(() => {
          cancel = null
          plan()
        })
    })
  }
  const ignore = registry.onChange(plan)
  return () => {
    ignore()
    cancel?.()
    cancel = () => {}
  }
}
