import type { Tab } from '../placement/tab.ts'
import type { CustomKernelBody } from './kernelBody.ts'

/** Device classes of one job: what a tab says of its device is its own word, and every run may cost the requester. */
const MOST_CLASSES = 32
/** Tabs that a requester may ask at once. */
const MOST_TABS = 64

/** A tab that was chosen. */
export interface ChosenTab {
  tab: Tab
  /** Whether it is one of a second account, beside those that the spread names. */
  isBeside: boolean
}

/**
 * The tabs for a spread, of those that may be asked; the first ones have the least work. Where all of them are of one
 * account, one of another goes beside them: nothing is credited that only one has found.
 * @param free at least one
 * @param isJudgedAlone whether one account's result can be judged by itself, because the job says what is right
 */
export function chooseTabs(
  free: readonly Tab[],
  spread: CustomKernelBody['spread'],
  isJudgedAlone: boolean,
): ChosenTab[] {
  const asked = spread === 'one' ? [free[0]!] : ofEachClass(free, spread.perClass)
  const accounts = new Set(asked.map(({ address }) => address))
  const others =
    accounts.size === 1 && !isJudgedAlone ? free.filter(({ address }) => !accounts.has(address)) : []
  const beside = others.find(({ deviceClass }) => deviceClass === asked[0]!.deviceClass) ?? others[0]
  const chosen: ChosenTab[] = asked.map((tab) => ({ tab, isBeside: false }))
  if (beside) chosen.push({ tab: beside, isBeside: true })
  return chosen
}

const accountsIn = (tabs: readonly Tab[]): number => new Set(tabs.map(({ address }) => address)).size

/** So many tabs of each class, in the order of the classes, of as many different accounts as there are. */
function ofEachClass(tabs: readonly Tab[], perClass: number): Tab[] {
  const byAccounts = [...Map.groupBy(tabs, ({ deviceClass }) => deviceClass).values()]
    .sort((a, b) => accountsIn(b) - accountsIn(a))
    .slice(0, MOST_CLASSES)
  const count = Math.min(perClass, Math.floor(MOST_TABS / byAccounts.length))
  const taken = new Set<string>()
  const chosen = new Set<Tab>()
  // A class that has but one account has no choice: the others choose after it.
  for (const of of byAccounts.toReversed()) {
    const left = [...of]
    for (let some = 0; some < count && left.length > 0; some++) {
      const fresh = left.findIndex(({ address }) => !taken.has(address))
      const [tab] = left.splice(Math.max(0, fresh), 1)
      taken.add(tab!.address)
      chosen.add(tab!)
    }
  }
  return tabs.filter((tab) => chosen.has(tab))
}
