import { OpentabError } from '../../protocol/errors.ts'
import { type OneAtATime, oneAtATime } from './oneAtATime.ts'
import { isFatal, ortError } from './ortError.ts'
import type { OrtRuntime } from './ortRuntime.ts'

/** What runners over one copy of ONNX Runtime Web share: its queue, and whether it still works. */
export interface OrtGuard {
  /** Runs operations on the library one after the other. Must not be called from within itself. */
  readonly inTurn: OneAtATime
  /**
   * Makes errors of the library ones for people; `doing` says what was asked, with the values. After a crash of the WASM
   * instance every further call throws `device_lost` with the crash as its reason: the worker around it must be replaced.
   * @throws OpentabError `model_failed`, `out_of_memory`, `device_lost`
   */
  attempt<T>(doing: () => string, work: () => Promise<T>): Promise<T>
  /** Whether the WASM instance crashed: nothing in it can be released any more. */
  readonly broken: boolean
}

const guards = new WeakMap<OrtRuntime, OrtGuard>()

/** The guard of a copy of the library. */
export function guardOf(ort: OrtRuntime): OrtGuard {
  const known = guards.get(ort)
  if (known) return known
  let crash: OpentabError | null = null
  const guard: OrtGuard = {
    inTurn: oneAtATime(),
    async attempt(doing, work) {
      if (crash) {
        throw new OpentabError(
          'device_lost',
          `${doing()} failed: ONNX Runtime had crashed before. ${crash.message}`,
          {
            cause: crash.cause,
          },
        )
      }
      try {
        return await work()
      } catch (cause) {
        const error = ortError(cause, doing())
        if (isFatal(cause)) crash = error
        throw error
      }
    },
    get broken() {
      return crash !== null
    },
  }
  guards.set(ort, guard)
  return guard
}
