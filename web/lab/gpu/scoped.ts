import type { RunTrouble } from './labGpuApi.ts'

/** A step of a run failed; carries what the page shows. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed'
  readonly trouble: RunTrouble
  constructor(trouble: RunTrouble) {
    super(trouble.text)
    this.trouble = trouble
  }
}

/** Where a step stands, for its trouble. */
export type StepPlace = Pick<RunTrouble, 'step'> & Partial<Pick<RunTrouble, 'pass' | 'buffer'>>

/** Does a step and waits for the browser's verdict on it. @throws StepFailed */
export async function scoped<T>(device: GPUDevice, place: StepPlace, work: () => T | Promise<T>): Promise<T> {
  const fail = (text: string): never => {
    throw new StepFailed({ pass: null, buffer: null, ...place, text })
  }
  device.pushErrorScope('internal')
  device.pushErrorScope('out-of-memory')
  device.pushErrorScope('validation')
  let done: T | undefined
  let thrown: unknown = null
  // The scopes are popped in the same turn, so that they hold this step's errors and no other's.
  let pending: T | Promise<T> | undefined
  try {
    pending = work()
  } catch (error) {
    thrown = error
  }
  const verdicts = [device.popErrorScope(), device.popErrorScope(), device.popErrorScope()]
  try {
    done = await pending
  } catch (error) {
    thrown ??= error
  }
  for (const verdict of verdicts) {
    const error = await verdict.catch(() => null)
    if (error) fail(error.message)
  }
  if (thrown) fail(thrown instanceof Error ? thrown.message : String(thrown))
  return done as T
}
