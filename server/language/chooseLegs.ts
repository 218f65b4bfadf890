import { type LanguageModel, languageOperations, type StageRange } from '../../protocol/language.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import type { Core } from '../core.ts'
import { pinTo } from '../jobs/jobRecords.ts'
import type { Tab } from '../placement/tab.ts'
import type { HiddenLog } from './sessionInputs.ts'

/** Some stages of an answer's ring, and the tab that runs them. */
export interface RingPart {
  tab: Tab
  range: StageRange
  /** What the tab has run of the sequence already, for an answer before this one. */
  kept?: { session: number; rows: number; inputs: HiddenLog | null }
}

export interface LegWishes {
  /** Whether a tab may have a part of this answer. */
  mayHave(tab: Tab): boolean
  /** Parts of answers that a tab has already. */
  load(tab: Tab): number
}

/** What one more hop costs, ms: a way through the relay, and a turn in the next tab's line. */
const HOP_MS = 10
/** Canonical operations per ms of a tab of which nothing was measured. */
const USUAL_SPEED = 1e6

/**
 * Tabs that together hold a run of stages, each for a part of it: of all ways to cut the run over the tabs that are there
 * the one on which a token is likely to be through first. A tab that is at work for other answers counts as so much slower.
 * @returns in the order of the stages; null where a stage is held by nobody
 */
export function chooseLegs(
  core: Core,
  model: ServedModel & { manifest: { language: LanguageModel } },
  range: StageRange,
  { mayHave, load }: LegWishes,
): RingPart[] | null {
  const { language } = model.manifest
  const { first, last } = range
  const ways: ({ ms: number; part: RingPart; before: number } | null)[] = [null]
  const msTo: number[] = [0]
  for (let stage = first; stage <= last; stage++) {
    ways.push(null)
    msTo.push(Number.POSITIVE_INFINITY)
  }
  const holders = [...core.tabs.values()].filter(
    (tab) => tab.link !== null && tab.state === 'ready' && tab.ranges.has(model.hash) && mayHave(tab),
  )
  const speeds = new Map(holders.map((tab) => [tab, speedOf(tab, holders) / (1 + load(tab))]))
  for (let from = first; from <= last; from++) {
    if (msTo[from - first] === Number.POSITIVE_INFINITY) continue
    for (const tab of holders) {
      for (const held of tab.ranges.get(model.hash)!) {
        if (held.first > from) continue
        for (let to = from; to <= Math.min(held.last, last); to++) {
          const part = { tab, range: { first: from, last: to } }
          const ms = msTo[from - first]! + HOP_MS + tokenOperations(language, part.range) / speeds.get(tab)!
          if (ms < msTo[to + 1 - first]!) {
            msTo[to + 1 - first] = ms
            ways[to + 1 - first] = { ms, part, before: from - first }
          }
        }
      }
    }
  }
  const parts: RingPart[] = []
  for (let at = last + 1 - first; at > 0; ) {
    const way = ways[at]
    if (!way) return null
    parts.unshift(way.part)
    at = way.before
  }
  return parts
}

const tokenOperations = (model: LanguageModel, range: StageRange): number =>
  languageOperations(model, range, { from: 0, to: 1, logitRows: 1 })

/** Canonical operations per ms, as measured there; else as usual among these tabs. */
function speedOf(tab: Tab, tabs: readonly Tab[]): number {
  const measured = (other: Tab): number | undefined => other.speeds.get(pinTo(other.id))?.operationsPerMs
  const own = measured(tab)
  if (own !== undefined) return own
  const known = tabs.flatMap((other) => measured(other) ?? []).sort((a, b) => a - b)
  return known[known.length >> 1] ?? USUAL_SPEED
}
