import type { KernelTask } from '../protocol/task.ts'

/** One shape of a matrix product that tests and benchmarks share; the inputs come from the seed. */
export interface MatmulCase {
  /** What is special about it, for a test's title. */
  name: string
  shape: KernelTask['shape']
  /** u32. */
  seed: number
}
