import type { NetworkModel } from '../../protocol/network.ts'
import { say } from '../text/say.ts'

/** What the page says beside a model: who can answer with it now. Older relays tell the tabs, and not how they share it. */
export function servingText({
  mode,
  tabs,
  tabsWhole,
  stages,
  stagesHeld,
  ready,
  memoryWanted,
}: NetworkModel): string {
  switch (mode) {
    case 'whole':
      return say('chat.whole', { n: tabsWhole ?? tabs })
    case 'shared':
      return say('chat.shared', { n: tabs })
    case 'none':
      if (memoryWanted !== undefined)
        return say('chat.tooLittle', { megabytes: Math.ceil(memoryWanted / 1e6) })
      return stages !== undefined && stages > 1 && stagesHeld !== undefined && stagesHeld > 0
        ? say('chat.partly', { held: stagesHeld, stages })
        : say('chat.tabs', { n: 0 })
    case undefined:
      return say('chat.tabs', { n: ready ? tabs : 0 })
    default:
      return mode satisfies never
  }
}

/**
 * The model to take where none is chosen, or where the chosen one is not served and nothing was said with it yet; else
 * null: whoever is in a conversation chooses for themselves.
 */
export function modelToTake(
  models: readonly NetworkModel[],
  chosen: string | null,
  begun: boolean,
): string | null {
  if (models.some(({ id }) => id === chosen) || (begun && chosen !== null)) return null
  return (models.find(({ ready }) => ready) ?? models[0])?.id ?? null
}
