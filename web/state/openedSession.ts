import { batch, type ReadonlySignal, signal } from '@preact/signals'
import { firstKernel } from '../lab/firstKernel.ts'
import { LabError, wordsOf } from '../lab/labWords.ts'
import type { LabSession } from '../lab/session.ts'

/** The session that is open, what was open before it, and whether it waits for the person. */
export interface OpenedSession {
  session: ReadonlySignal<LabSession>
  /** Moves when another session is opened: what was measured of the last one is over. */
  opened: ReadonlySignal<number>
  /** Moves when programs were changed outside of the editor, which then takes their text. */
  rewritten: ReadonlySignal<number>
  /** Whether what is open waits for the person: nothing of it has run, neither program nor reference. */
  held: ReadonlySignal<boolean>
  /** What was open before, where it had been changed: opening something by mistake loses nothing. */
  before: ReadonlySignal<LabSession | null>
  /**
   * Opens another session. `held`: it came by a link or a file, and nothing of it runs before the person wants it; what
   * was open before is held again if it was then.
   */
  open(session: LabSession, from?: { held: boolean }): void
  /** Changes it: the person did. */
  change(part: Partial<LabSession>): void
  /** Puts another text into the first program and keeps its description: a file was saved. */
  replaceProgram(text: string): void
  /** Writes down what its programs say about it, which is no change of the person's. */
  describe(described: LabSession): void
  /** The person wants it to run. */
  release(): void
  /** @throws LabError `lab.pressRun` while it is held */
  wanted(): void
}

export function createOpenedSession(): OpenedSession {
  const session = signal<LabSession>(firstKernel)
  const opened = signal(0)
  const rewritten = signal(0)
  const held = signal(false)
  const before = signal<LabSession | null>(null)
  /** Whether `before` is held. */
  let heldBefore = false
  /** Whether the session was changed since it was opened. */
  let edited = false

  return {
    session,
    opened,
    rewritten,
    held,
    before,
    open(next, from = { held: before.value === next && heldBefore }) {
      batch(() => {
        const wasHeld = held.value
        held.value = from.held
        if (edited) {
          before.value = session.value
          heldBefore = wasHeld
        } else if (before.value === next) before.value = null
        edited = false
        session.value = next
        opened.value++
        rewritten.value++
      })
    },
    change(part) {
      edited = true
      session.value = { ...session.value, ...part }
    },
    replaceProgram(text) {
      const [first, ...others] = session.value.programs
      batch(() => {
        session.value = { ...session.value, programs: [{ ...first!, text }, ...others] }
        rewritten.value++
      })
    },
    describe(described) {
      session.value = described
    },
    release() {
      held.value = false
    },
    wanted() {
      if (held.value) throw new LabError(wordsOf('lab.pressRun'))
    },
  }
}
