import { OpentabError } from '../../protocol/errors.ts'

/** @throws OpentabError `cancelled` after the signal */
export function requireWanted(signal: AbortSignal): void {
  if (!signal.aborted) return
  if (signal.reason instanceof OpentabError) throw signal.reason
  throw new OpentabError('cancelled', 'The answer is not wanted any more.', { cause: signal.reason })
}
