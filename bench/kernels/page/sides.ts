import type { Tensor } from '../../../protocol/tensor.ts'

/** A side that is ready to be timed. */
export interface ReadySide {
  /** What runs, in words. */
  inWords: string
  /** Starts one run; its output stays where it is. */
  start(): Promise<void>
  /** Settles when everything that was started has ended. */
  ended(): Promise<unknown>
  /** The outputs of the last run, in the kernel's order, when it has ended. */
  outputs(): Promise<Tensor[]>
  release(): void
}
