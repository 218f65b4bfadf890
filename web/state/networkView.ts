import type { NetworkDocument, NetworkModel } from '../../protocol/network.ts'
import { holdersOf } from '../../protocol/networkPage.ts'
import type { ThroughputSample } from '../../worker/link/tabApi.ts'
import { SAMPLE_MS } from './throughputView.ts'

/** Device classes with how many tabs, most first. */
export function deviceClasses(network: NetworkDocument): { name: string; tabs: number }[] {
  const classes = new Map<string, number>()
  for (const { deviceClass } of network.tabs) classes.set(deviceClass, (classes.get(deviceClass) ?? 0) + 1)
  return [...classes]
    .map(([name, tabs]) => ({ name, tabs }))
    .sort((a, b) => b.tabs - a.tabs || a.name.localeCompare(b.name))
}

/**
 * The models with how many tabs can run each. From the network document where it names them, else from the model list,
 * counted over the tabs.
 */
export function servedModels(network: NetworkDocument, listed: readonly NetworkModel[]): NetworkModel[] {
  if (network.models !== undefined) return network.models
  const holders = holdersOf(network)
  const named = listed.map((model) => ({ ...model, tabs: holders.get(model.id) ?? model.tabs }))
  const others = [...holders].filter(([id]) => !listed.some((model) => model.id === id))
  return [...named, ...others.map(([id, tabs]) => ({ id, bytes: 0, tabs, ready: true }))]
}

/** One look at the totals. */
export interface TotalsLook {
  /** Epoch ms. */
  at: number
  tasks: number
  microCredits: bigint
}

/** A credit is 10^9 operations, so micro-credits per second are thousands of operations per second. */
const MICRO_CREDITS_PER_GFLOP = 1e6

/**
 * The network's speed since the last look, as a sample of the chart; null while too little time has passed. A total
 * that fell (another relay on the same address) counts as nothing.
 */
export function speedSince(before: TotalsLook, after: TotalsLook): ThroughputSample | null {
  const ms = after.at - before.at
  if (ms < SAMPLE_MS) return null
  const earned = Math.max(0, Number(after.microCredits - before.microCredits))
  return {
    at: after.at,
    gflops: earned / MICRO_CREDITS_PER_GFLOP / (ms / 1000),
    tasks: Math.max(0, after.tasks - before.tasks),
  }
}

/** The totals of a document as a look. */
export const lookAt = (network: NetworkDocument, at: number): TotalsLook => ({
  at,
  tasks: network.totals.tasks,
  microCredits: BigInt(network.totals.microCredits),
})
