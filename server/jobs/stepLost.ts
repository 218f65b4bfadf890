/** A task that only one tab can do lost that tab. Its answer goes on with another one. */
export class StepLost extends Error {
  /** `free`: handed back, paused or the like; `vanished`; `failed`: the tab reported an error; `rejected`: checked and wrong. */
  readonly loss: 'free' | 'vanished' | 'failed' | 'rejected'
  /** The error that the tab reported; null where it reported none. */
  readonly code: string | null

  constructor(loss: StepLost['loss'], why: string, code: string | null = null) {
    super(why)
    this.code = code
    this.name = 'StepLost'
    this.loss = loss
  }
}
