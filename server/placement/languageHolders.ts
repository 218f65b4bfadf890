import type { ServedModel } from '../../protocol/manifest.ts'
import type { ModelServing } from '../../protocol/network.ts'
import type { Core } from '../core.ts'
import { wholeRequirement } from '../jobs/jobRecords.ts'
import { isLanguage, type ServedLanguageModel } from './assignModels.ts'
import { failedLoadsOf } from './failedLoads.ts'
import { tooLittleMemory } from './tooLittleMemory.ts'

/** Who can run a language model now. */
export interface LanguageHolders {
  /** Tabs that hold it whole. */
  whole: number
  /** Tabs that hold a part of it. */
  parts: number
  /** How many tabs hold each stage. */
  stages: number[]
  /** Whether it can be served: a tab holds it whole, or tabs together hold every stage. */
  ready: boolean
  /** Tabs that can take part in an answer now. */
  tabs: number
}

/** Counts the connected tabs whose runs of stages are ready. */
export function languageHolders(core: Core, { hash, manifest }: ServedLanguageModel): LanguageHolders {
  const count = manifest.language.stages.length
  const stages: number[] = new Array<number>(count).fill(0)
  let whole = 0
  let parts = 0
  for (const tab of core.tabs.values()) {
    if (tab.link === null) continue
    if (tab.wholes.has(wholeRequirement(hash, count))) whole++
    else if (tab.ranges.has(hash)) parts++
    const held = new Set<number>()
    for (const { first, last } of tab.ranges.get(hash) ?? [])
      for (let stage = first; stage <= Math.min(last, count - 1); stage++) held.add(stage)
    for (const stage of held) stages[stage]!++
  }
  const complete = stages.every((holders) => holders > 0)
  return { whole, parts, stages, ready: complete, tabs: whole + (complete ? parts : 0) }
}

/** The second half of a sentence on what is missing: `1 tab holds it`, `2 tabs hold 2 of its 3 stages`. */
export function holdersInWords({ whole, parts, stages }: LanguageHolders): string {
  const tabs = (count: number): string => (count === 1 ? '1 tab holds' : `${count} tabs hold`)
  if (parts === 0) return `${tabs(whole)} it`
  const held = stages.filter((holders) => holders > 0).length
  const what = whole > 0 ? 'parts of it' : `${held} of its ${stages.length} stages`
  return `${tabs(whole)} it whole, and ${tabs(parts)} ${what}`
}

/** The tabs that hold a model now, as `/v1/models` and `/v1/network` tell them. */
export interface ModelHolders extends ModelServing {
  /** Connected tabs that can run it now; of a language model: that can take part in an answer. */
  tabs: number
  /** Whether it can be served now. */
  ready: boolean
}

/** Counts who holds a model and says how it can be served. Only language models have more than one stage. */
export function modelHolders(core: Core, model: ServedModel): ModelHolders {
  const failed = failedLoadsOf(core, model.hash).length
  const tabsFailed = failed > 0 && { tabsFailed: failed }
  if (isLanguage(model)) {
    const { whole, tabs, ready, stages } = languageHolders(core, model)
    const stagesHeld = stages.filter((holders) => holders > 0).length
    const mode = whole > 0 ? 'whole' : ready ? 'shared' : 'none'
    const tooLittle = tooLittleMemory(core, model)
    return {
      tabs,
      tabsWhole: whole,
      ready,
      stages: stages.length,
      stagesHeld,
      mode,
      ...tabsFailed,
      ...(tooLittle && { memoryWanted: Math.ceil(tooLittle.largestPartBytes) }),
    }
  }
  let tabs = 0
  for (const tab of core.tabs.values()) if (tab.link !== null && tab.ready.has(model.hash)) tabs++
  const ready = tabs > 0
  return {
    tabs,
    tabsWhole: tabs,
    ready,
    stages: 1,
    stagesHeld: Number(ready),
    mode: ready ? 'whole' : 'none',
    ...tabsFailed,
  }
}
