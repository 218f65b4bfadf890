import type { StageRange } from '../../protocol/language.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import type { Core } from '../core.ts'
import { coverageOf, isHeldWhole, isLanguage, type ServedLanguageModel, strengthOf } from './assignModels.ts'
import { chooseRun, less, needsOf, type Room, roomOf } from './stageRuns.ts'
import type { Tab } from './tab.ts'

/**
 * Gives tabs other runs of stages where a language model that nobody holds whole has stages that nobody holds: a tab
 * with room takes more, one whose stages others hold too moves. Each change leaves fewer stages unheld, so nothing is
 * moved without need and it comes to an end.
 * @returns the tabs whose runs changed
 */
export function fillGaps(core: Core, served: readonly ServedModel[]): Set<Tab> {
  const changed = new Set<Tab>()
  for (const model of served) {
    if (!isLanguage(model)) continue
    for (let tab = fillOne(core, model, served); tab !== null; tab = fillOne(core, model, served))
      changed.add(tab)
  }
  return changed
}

interface Move {
  tab: Tab
  range: StageRange
  /** Stages that nobody holds afterwards. */
  unheld: number
  /** Bytes that the tab has to load for it. */
  newBytes: number
}

/** Makes the best move that leaves fewer stages unheld; null where there is none. */
function fillOne(core: Core, model: ServedLanguageModel, served: readonly ServedModel[]): Tab | null {
  const before = coverageOf(core, model, null).filter((holders) => holders === 0).length
  if (before === 0 || isHeldWhole(core, model)) return null
  let best: Move | null = null
  for (const tab of core.tabs.values()) {
    if (tab.memoryBytes === 0 || tab.link === null || tab.state === 'leaving') continue
    if (tab.failed.has(model.hash)) continue
    const held = tab.assigned.get(model.hash)
    const range = chooseRun(
      model.manifest,
      roomBeside(tab, model, served),
      strengthOf(core, model, tab),
      held,
    )
    if (range === null) continue
    const others = coverageOf(core, model, tab)
    const unheld = others.filter((holders, stage) => holders === 0 && !isIn(range, stage)).length
    const newBytes = bytesToLoad(model, range, held)
    if (unheld >= before) continue
    if (best === null || unheld < best.unheld || (unheld === best.unheld && newBytes < best.newBytes))
      best = { tab, range, unheld, newBytes }
  }
  if (best === null) return null
  best.tab.assigned.set(model.hash, best.range)
  return best.tab
}

const isIn = ({ first, last }: StageRange, stage: number): boolean => first <= stage && stage <= last

/** The tab's room beside the other language models that it holds. */
function roomBeside(tab: Tab, model: ServedModel, served: readonly ServedModel[]): Room {
  let room = roomOf(tab)
  for (const other of served) {
    const range = tab.assigned.get(other.hash)
    if (other.hash !== model.hash && range && isLanguage(other))
      room = less(room, needsOf(other.manifest, range))
  }
  return room
}

function bytesToLoad(
  { manifest }: ServedLanguageModel,
  range: StageRange,
  held: StageRange | undefined,
): number {
  let bytes = 0
  for (let stage = range.first; stage <= range.last; stage++)
    if (!held || !isIn(held, stage)) bytes += manifest.language.stages[stage]!.expandedBytes
  return bytes
}
