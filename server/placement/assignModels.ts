import type { LanguageModel, StageRange } from '../../protocol/language.ts'
import { type Manifest, modelBytes, type ServedModel, wholeRange } from '../../protocol/manifest.ts'
import type { Core } from '../core.ts'
import { pinTo, wholeRequirement } from '../jobs/jobRecords.ts'
import { chooseRun, fits, less, needsOf, type Room, roomOf } from './stageRuns.ts'
import type { Tab } from './tab.ts'

/** A language model that is served. */
export interface ServedLanguageModel extends ServedModel {
  manifest: Manifest & { language: LanguageModel }
}

export const isLanguage = (model: ServedModel): model is ServedLanguageModel =>
  model.manifest.language !== undefined

/** What a tab should hold: models, most wanted first, and of the language models among them the run of stages. */
export interface Assignment {
  models: ServedModel[]
  /** [manifest hash, first stage, last stage] */
  ranges: [string, number, number][]
}

/**
 * The models a tab should hold, most wanted first, as many as fit the room it gives. What work waits for and no other tab
 * holds stays, so that two models do not take one tab's room from one another in turn; then comes what most work waits
 * for, for each that holds it; among equals what it holds already, then what the fewest hold. Language models go only to tabs that
 * give memory: whole where they fit, else, where nobody holds them whole, a run of stages. A run that was assigned or is
 * held stays as it is.
 */
export function assignModels(core: Core, tab: Tab, served: readonly ServedModel[]): Assignment {
  const wanted = served
    .map((model) => {
      const waiting = core.queue.lengthOf(isLanguage(model) ? wholeOf(model) : `model:${model.hash}`)
      const held = isLanguage(model)
        ? tab.assigned.has(model.hash) || tab.ranges.has(model.hash)
        : isHolder(tab, model)
      const holders = holdersOf(core, tab, model)
      const stays = held && waiting > 0 && holders === 0
      return { model, held, holders, stays, waitingEach: waiting / (1 + holders) }
    })
    .sort(
      (a, b) =>
        Number(b.stays) - Number(a.stays) ||
        b.waitingEach - a.waitingEach ||
        Number(b.held) - Number(a.held) ||
        a.holders - b.holders,
    )
  let room = roomOf(tab)
  const kept = new Map<string, StageRange>()
  for (const { model } of wanted) {
    if (!isLanguage(model)) continue
    const range = tab.assigned.get(model.hash) ?? longestHeld(tab, model)
    if (range === undefined || range.last >= model.manifest.language.stages.length) continue
    const needs = needsOf(model.manifest, range)
    if (!fits(needs, room)) continue
    kept.set(model.hash, range)
    room = less(room, needs)
  }
  tab.assigned = kept
  const chosen: Assignment = { models: [], ranges: [] }
  for (const { model } of wanted) {
    if (isLanguage(model)) {
      const range = kept.get(model.hash) ?? newRun(core, tab, model, room)
      if (range === null) continue
      if (!kept.has(model.hash)) room = less(room, needsOf(model.manifest, range))
      tab.assigned.set(model.hash, range)
      chosen.models.push(model)
      chosen.ranges.push([model.hash, range.first, range.last])
    } else {
      const bytes = modelBytes(model.manifest)
      if (bytes > room.storageBytes) continue
      room = { ...room, storageBytes: room.storageBytes - bytes }
      chosen.models.push(model)
    }
  }
  tab.asked = new Set(chosen.models.map(({ hash }) => hash))
  return chosen
}

/** Whether the tab is to hold the model; of one that was not asked yet, whether it came with it. */
const isHolder = ({ asked, ready }: Tab, { hash }: ServedModel): boolean => (asked ?? ready).has(hash)

const wholeOf = ({ hash, manifest }: ServedLanguageModel): string =>
  wholeRequirement(hash, manifest.language.stages.length)

function longestHeld(tab: Tab, { hash }: ServedModel): StageRange | undefined {
  return tab.ranges.get(hash)?.toSorted((a, b) => b.last - b.first - (a.last - a.first))[0]
}

/** A run for a tab that has none: the whole model where it fits, else a part where parts are needed. */
function newRun(core: Core, tab: Tab, model: ServedLanguageModel, room: Room): StageRange | null {
  const whole = wholeRange(model.manifest.language)
  if (fits(needsOf(model.manifest, whole), room)) return whole
  if (isHeldWhole(core, model)) return null
  return chooseRun(model.manifest, room, strengthOf(core, model, tab), undefined)
}

/** Whether a tab holds the whole model, or is to hold it. */
export function isHeldWhole(core: Core, model: ServedLanguageModel): boolean {
  const last = model.manifest.language.stages.length - 1
  for (const { assigned, failed } of core.tabs.values()) {
    const range = failed.has(model.hash) ? undefined : assigned.get(model.hash)
    if (range?.first === 0 && range.last === last) return true
  }
  return false
}

/** Tabs that are to hold a model beside this one; of a language model those that hold its rarest stage. */
function holdersOf(core: Core, tab: Tab, model: ServedModel): number {
  if (isLanguage(model)) return Math.min(...coverageOf(core, model, tab))
  let count = 0
  for (const other of core.tabs.values()) {
    if (other === tab || other.state === 'leaving' || other.failed.has(model.hash)) continue
    if (isHolder(other, model)) count++
  }
  return count
}

/** How many tabs hold or are to hold each stage, one tab left out. */
export function coverageOf(core: Core, model: ServedLanguageModel, without: Tab | null): number[] {
  return sumOverStages(core, model, without, () => 1)
}

/** Speed of the tabs that hold or are to hold each stage, in all; a tab of which nothing was measured counts 1. */
export function strengthOf(core: Core, model: ServedLanguageModel, without: Tab | null): number[] {
  const speeds = new Map<Tab, number>()
  for (const tab of core.tabs.values()) {
    const known = tab.speeds.get(pinTo(tab.id)) ?? tab.speeds.get(wholeOf(model))
    if (known) speeds.set(tab, known.operationsPerMs)
  }
  const sorted = [...speeds.values()].sort((a, b) => a - b)
  const usual = sorted[sorted.length >> 1] ?? 1
  return sumOverStages(core, model, without, (tab) => (speeds.get(tab) ?? usual) / usual)
}

function sumOverStages(
  core: Core,
  { hash, manifest }: ServedLanguageModel,
  without: Tab | null,
  worthOf: (tab: Tab) => number,
): number[] {
  const sums: number[] = new Array<number>(manifest.language.stages.length).fill(0)
  for (const tab of core.tabs.values()) {
    const range = tab.assigned.get(hash)
    if (tab === without || range === undefined || tab.state === 'leaving' || tab.failed.has(hash)) continue
    for (let stage = range.first; stage <= Math.min(range.last, sums.length - 1); stage++)
      sums[stage]! += worthOf(tab)
  }
  return sums
}
