import type { LanguageModel, StageRange } from '../../protocol/language.ts'
import { LANGUAGE_CACHE_SHARE } from '../../protocol/limits.ts'
import { type Manifest, wholeRange } from '../../protocol/manifest.ts'
import type { Core } from '../core.ts'
import type { ServedLanguageModel } from './assignModels.ts'
import { needsOf } from './stageRuns.ts'
import type { Tab } from './tab.ts'

/** What a language model's parts take where the tabs that are connected give too little for any of them. */
export interface TooLittleMemory {
  /** Connected tabs that give memory to language models. */
  tabs: number
  /** Least memory that a tab must give to hold its smallest part, bytes. */
  smallestPartBytes: number
  /** The same for its largest: tabs that give so much can hold all of it together. */
  largestPartBytes: number
  /** The same for all of it. */
  wholeBytes: number
}

/**
 * Says whether no tab that is connected will ever hold a part of a language model, for want of memory: waiting for them is
 * in vain. Null where one holds a part, is to hold one or could, where one was cut off and may come back, and where none
 * gives memory at all: one that is opened now is worth waiting for.
 */
export function tooLittleMemory(core: Core, { hash, manifest }: ServedLanguageModel): TooLittleMemory | null {
  const parts = manifest.language.stages.map((_, stage) => memoryFor(manifest, { first: stage, last: stage }))
  const smallestPartBytes = Math.min(...parts)
  let tabs = 0
  for (const tab of core.tabs.values()) {
    if (tab.memoryBytes === 0 || isLeaving(tab)) continue
    if (tab.memoryBytes >= smallestPartBytes || tab.assigned.has(hash) || tab.ranges.has(hash)) return null
    if (tab.link !== null) tabs++
  }
  if (tabs === 0) return null
  const wholeBytes = memoryFor(manifest, wholeRange(manifest.language))
  return { tabs, smallestPartBytes, largestPartBytes: Math.max(...parts), wholeBytes }
}

/**
 * The end of a sentence on which stages are held: `; no connected tab gives the 343 MB that the largest of the others
 * takes`, or nothing where a tab gives so much, or none is held.
 * @param holders how many tabs hold each stage
 */
export function tooLargeStageInWords(
  core: Core,
  { manifest }: ServedLanguageModel,
  holders: readonly number[],
): string {
  if (holders.every((count) => count === 0)) return ''
  const others = holders.flatMap((count, stage) =>
    count === 0 ? [memoryFor(manifest, { first: stage, last: stage })] : [],
  )
  const wanted = Math.max(0, ...others)
  for (const tab of core.tabs.values()) if (!isLeaving(tab) && tab.memoryBytes >= wanted) return ''
  return `; no connected tab gives the ${megabytesFor(wanted)} MB that the largest of the others takes`
}

const isLeaving = ({ state }: Tab): boolean => state === 'leaving' || state === 'finishing'

/** Memory that a tab must give for a run of stages, bytes: each kind of what it keeps there has its share. */
function memoryFor(manifest: Manifest & { language: LanguageModel }, range: StageRange): number {
  const { weightBytes, cacheBytes } = needsOf(manifest, range)
  return Math.max(weightBytes / (1 - LANGUAGE_CACHE_SHARE), cacheBytes / LANGUAGE_CACHE_SHARE)
}

/** Whole megabytes that are enough. */
export const megabytesFor = (bytes: number): number => Math.ceil(bytes / 1e6)

/** A clause: `none of the 3 connected tabs gives the memory that a part takes: 343 MB for the largest, 192 MB ...`. */
export function tooLittleInWords({
  tabs,
  smallestPartBytes,
  largestPartBytes,
  wholeBytes,
}: TooLittleMemory): string {
  const [least, most, whole] = [smallestPartBytes, largestPartBytes, wholeBytes].map(megabytesFor)
  const which = tabs === 1 ? 'the connected tab does not give' : `none of the ${tabs} connected tabs gives`
  const smallest = least === most ? '' : `, ${least} MB for the smallest`
  return `${which} the memory that a part of it takes: ${most} MB for the largest${smallest}, ${whole} MB for all of it`
}
