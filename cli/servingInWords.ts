import type { ModelServing } from '../protocol/network.ts'

/**
 * Who can serve a model now, for a line: `2 tabs ready`, `3 tabs together`, `2 of 3 stages held`. A relay of an earlier
 * version tells the tabs alone.
 */
export function servingInWords({
  tabs,
  mode,
  stages = 1,
  stagesHeld = 0,
  memoryWanted,
  tabsFailed = 0,
}: { tabs: number } & { [Field in keyof ModelServing]?: ModelServing[Field] | undefined }): string {
  const count = tabs === 1 ? '1 tab' : `${tabs} tabs`
  if (mode === 'shared') return `${count} together`
  if (mode === 'none' && stagesHeld > 0) return `${stagesHeld} of ${stages} stages held`
  if (memoryWanted !== undefined)
    return `${count} ready: no part fits the memory that tabs give; ${Math.ceil(memoryWanted / 1e6)} MB are enough for each`
  return `${count} ready${tabsFailed === 0 ? '' : `, ${tabsFailed} could not load it`}`
}
