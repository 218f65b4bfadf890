/** What a referee's thread is started with. */
export interface RefereeThreadData {
  wasmThreads: number
  /** Estimated memory of the sessions that stay loaded, bytes. */
  budgetBytes: number
}
