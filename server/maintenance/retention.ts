import type { Core } from '../core.ts'
import type { BlobFolder } from '../store/blobFolder.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** Deletes inputs and outputs of jobs that ended more than `days` ago. One pass. */
export async function forgetOld(core: Core, blobs: BlobFolder, days: number): Promise<void> {
  const before = core.clock.now() - days * DAY_MS
  while (core.store.forget(before) > 0) await new Promise((resolve) => setImmediate(resolve))
  await blobs.forget(before)
}

/** Forgets once an hour until the returned function is called. */
export function startRetention(core: Core, blobs: BlobFolder, days: number): () => void {
  let cancel = core.clock.after(HOUR_MS, function again() {
    forgetOld(core, blobs, days).catch((error: unknown) => core.report(error, 'retention'))
    cancel = core.clock.after(HOUR_MS, again)
  })
  return () => cancel()
}
