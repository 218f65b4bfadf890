import { signal } from '@preact/signals'
import { draftOf, keepDraft } from '../../lab/draft.ts'
import { sessionOfFragment } from '../../lab/fragment.ts'
import { lab } from '../../lab.ts'

/** Whether the address holds a session that cannot be read. */
export const badLink = signal(false)
/** The fragment that the open session belongs to; null before the first. */
let opened: string | null = null

/** The session that is open now has this address: coming back to it opens nothing anew. */
export function nameAddress(path: string): void {
  history.replaceState(null, '', path)
  opened = location.hash
  badLink.value = false
}

/**
 * Opens what the address asks for, once: the draft that was left under it, else the session in its fragment, of which
 * nothing runs before the person presses Run. What is open already stays when a person comes back from another page.
 */
export async function openAddress(): Promise<void> {
  const { hash } = location
  if (opened === hash) return lab.resume()
  const first = opened === null
  opened = hash
  const shared = await sessionOfFragment(hash)
  const draft = first ? draftOf(sessionStorage, hash) : null
  badLink.value = !shared && hash.startsWith('#lab=')
  if (draft) lab.open(draft.session, draft)
  else if (shared) lab.open(shared, { held: true })
  else lab.resume()
}

/** Keeps what is open for a reload. */
export function leaveDraft(): void {
  if (opened !== null)
    keepDraft(sessionStorage, { hash: opened, session: lab.session.value, held: lab.held.value })
}
