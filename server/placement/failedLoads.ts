import { isErrorCode, OpentabError } from '../../protocol/errors.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import type { Core } from '../core.ts'
import type { LoadFailure } from './tab.ts'

/** Why a model could not be loaded, of each connected tab that says so. */
export function failedLoadsOf(core: Core, modelHash: string): LoadFailure[] {
  const failures: LoadFailure[] = []
  for (const { link, failed } of core.tabs.values()) {
    const failure = failed.get(modelHash)
    if (failure && link !== null) failures.push(failure)
  }
  return failures
}

/** The end of a sentence on who holds a model: `; 2 tabs could not load it: REASON`, or nothing where all could. */
export function failedLoadsInWords(core: Core, modelHash: string): string {
  const failures = failedLoadsOf(core, modelHash)
  if (failures.length === 0) return ''
  const tabs = failures.length === 1 ? '1 tab' : `${failures.length} tabs`
  return `; ${tabs} could not load it: ${failures.at(-1)!.reason.replace(/\.$/, '')}`
}

/** Names each tab that could not load a model, with the reason, in the relay's log, once. */
export function reportFailedLoads(core: Core, served: readonly ServedModel[]): void {
  const names = new Map(served.map(({ hash, manifest }) => [hash, manifest.id]))
  for (const { id, deviceClass, failed, reported } of core.tabs.values()) {
    for (const [hash, { code, reason }] of failed) {
      const name = names.get(hash)
      if (name === undefined || reported.has(hash)) continue
      reported.add(hash)
      const sentence = `${id} (${deviceClass}) cannot load ${name}: ${reason}`
      core.report(
        new OpentabError(isErrorCode(code) && code !== 'internal' ? code : 'model_failed', sentence),
        'a model that a tab cannot load',
      )
    }
  }
}
