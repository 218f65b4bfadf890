import { type LabSession, readSession } from './session.ts'

/** Where a tab keeps what it had open: it outlives a reload and ends with the tab. */
const KEY = 'opentab.lab'

/** What was open when the page was left. */
export interface Draft {
  /** Fragment of the address that it was opened from; empty where it was none. */
  hash: string
  session: LabSession
  /** Whether nothing of it has run yet, because it came by a link or a file. */
  held: boolean
}

/** Keeps a draft; one that does not fit is not kept. */
export function keepDraft(storage: Pick<Storage, 'setItem' | 'removeItem'>, draft: Draft): void {
  try {
    storage.setItem(KEY, JSON.stringify(draft))
  } catch {
    // Full: an old draft must not come back in its place.
    storage.removeItem(KEY)
  }
}

/** The draft of an address; null where there is none, or it is of another. */
export function draftOf(storage: Pick<Storage, 'getItem'>, hash: string): Draft | null {
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEY) ?? 'null')
    if (typeof kept !== 'object' || kept === null || !('hash' in kept) || !('session' in kept)) return null
    const session = kept.hash === hash ? readSession(kept.session) : null
    return session && { hash, session, held: !('held' in kept && kept.held === false) }
  } catch {
    return null
  }
}
