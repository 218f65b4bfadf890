import { cacheBytesPerToken, type LanguageModel, type StageRange } from '../../protocol/language.ts'
import { LANGUAGE_CACHE_SHARE } from '../../protocol/limits.ts'
import { type Manifest, modelBytes } from '../../protocol/manifest.ts'

/** Tokens of conversations that must find room in a tab's caches beside the weights: one long one, or a few short ones. */
const CACHED_TOKENS = 2048

/** What a tab has left for one more run of stages. */
export interface Room {
  /** Bytes that may be stored. */
  storageBytes: number
  /** Bytes that expanded weights may take. */
  weightBytes: number
  /** Bytes that the caches of conversations may take. */
  cacheBytes: number
}

/** The room of a tab that holds nothing yet. */
export const roomOf = (tab: { storageBytes: number; memoryBytes: number }): Room => ({
  storageBytes: tab.storageBytes,
  weightBytes: tab.memoryBytes * (1 - LANGUAGE_CACHE_SHARE),
  cacheBytes: tab.memoryBytes * LANGUAGE_CACHE_SHARE,
})

/** What a run of stages takes of a tab's room. */
export function needsOf(manifest: Manifest & { language: LanguageModel }, range: StageRange): Room {
  const { language } = manifest
  let weightBytes = 0
  for (const stage of language.stages.slice(range.first, range.last + 1)) weightBytes += stage.expandedBytes
  return {
    // The larger of the two forms that a tab may fetch.
    storageBytes: Math.max(modelBytes(manifest, range), modelBytes(manifest, range, true)),
    weightBytes,
    cacheBytes: cacheBytesPerToken(language, range) * Math.min(language.contextTokens, CACHED_TOKENS),
  }
}

export const fits = (needs: Room, room: Room): boolean =>
  needs.storageBytes <= room.storageBytes &&
  needs.weightBytes <= room.weightBytes &&
  needs.cacheBytes <= room.cacheBytes

export const less = (room: Room, needs: Room): Room => ({
  storageBytes: room.storageBytes - needs.storageBytes,
  weightBytes: room.weightBytes - needs.weightBytes,
  cacheBytes: room.cacheBytes - needs.cacheBytes,
})

/** Weight of a stage that nobody holds, against one that a tab of usual speed holds. */
const UNHELD = 1000

/**
 * The run of stages that helps most: the whole model where it fits, else as many stages as fit, those that nobody holds
 * before all, then those that are held by the slowest; among equals what the tab holds already, then the first.
 * @param strength speed of the other tabs that hold each stage, in all; 1 is a usual tab
 * @returns null where not even one stage fits
 */
export function chooseRun(
  manifest: Manifest & { language: LanguageModel },
  room: Room,
  strength: readonly number[],
  held: StageRange | undefined,
): StageRange | null {
  const count = manifest.language.stages.length
  let best: { range: StageRange; worth: number } | null = null
  for (let first = 0; first < count; first++) {
    let worth = 0
    for (let last = first; last < count; last++) {
      const range = { first, last }
      if (!fits(needsOf(manifest, range), room)) break
      const isHeld = held !== undefined && held.first <= last && last <= held.last
      worth += 1 / (strength[last]! + 1 / UNHELD) + (isHeld ? 1e-6 : 0)
      if (best === null || worth > best.worth) best = { range, worth }
    }
  }
  return best?.range ?? null
}
