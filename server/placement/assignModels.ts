import { modelBytes, type ServedModel } from '../../protocol/manifest.ts'
import type { Core } from '../core.ts'
import type { Tab } from './tab.ts'

/**
 * The models a tab should hold, most wanted first, as many as fit the room it gives: what it holds already comes first
 * among equals, then what the fewest tabs hold, so that every model finds a home.
 */
export function modelsFor(core: Core, tab: Tab, served: readonly ServedModel[]): ServedModel[] {
  const holders = (model: ServedModel): number => {
    let count = 0
    for (const other of core.tabs.values()) if (other !== tab && other.ready.has(model.hash)) count++
    return count
  }
  const wanted = served
    .map((model) => ({
      model,
      waiting: core.queue.lengthOf(`model:${model.hash}`),
      held: tab.ready.has(model.hash),
      holders: holders(model),
    }))
    .sort((a, b) => b.waiting - a.waiting || Number(b.held) - Number(a.held) || a.holders - b.holders)
  const chosen: ServedModel[] = []
  let room = tab.storageBytes
  for (const { model } of wanted) {
    const bytes = modelBytes(model.manifest)
    if (bytes > room) continue
    room -= bytes
    chosen.push(model)
  }
  return chosen
}
