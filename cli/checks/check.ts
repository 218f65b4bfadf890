/** What a kind of check found. */
export interface Tally {
  passed: number
  failed: number
  /** What was left out, each with its reason. */
  skipped: string[]
}

/** One kind of check that gates a change. */
export interface CheckKind {
  name: string
  /** Runs it; its own output goes straight to the terminal. */
  run(): Promise<Tally>
}
