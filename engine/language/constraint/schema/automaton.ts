import type { CodeRanges, Regular } from './regular.ts'

/** Most states of an automaton, and of the one with choices that it is made of. */
const MAX_STATES = 10_000
const MAX_NODES = 100_000

/** A state; the sets of its edges have no character in common. */
export interface State {
  accepts: boolean
  edges: { ranges: CodeRanges; to: number }[]
}

/** A deterministic automaton; it begins in state 0. */
export type Automaton = readonly State[]

/**
 * The automaton of a regular language, by Thompson's and the subset construction. Every state leads to an end.
 * @throws Error when it has more than 10,000 states
 */
export function automatonOf(regular: Regular): Automaton {
  const nodes = new Nodes()
  const end = nodes.add()
  const start = nodes.build(regular, end)
  const states: State[] = []
  const numbers = new Map<string, number>()
  const sets: number[][] = []
  const numberOf = (set: number[]): number => {
    const name = set.join()
    const known = numbers.get(name)
    if (known !== undefined) return known
    if (sets.length >= MAX_STATES) throw new Error(`it has more than ${MAX_STATES} places`)
    numbers.set(name, sets.length)
    return sets.push(set) - 1
  }
  numberOf(nodes.closure([start]))
  for (let i = 0; i < sets.length; i++) {
    const edges = disjoint(nodes.edges(sets[i]!)).map(({ ranges, to }) => ({
      ranges,
      to: numberOf(nodes.closure(to)),
    }))
    states.push({ accepts: sets[i]!.includes(end), edges: byTarget(edges) })
  }
  return mergeAlike(states)
}

/**
 * The same automaton with those states as one that go on alike, from the ends backwards; states from which a way leads
 * back to themselves over others stay as they are.
 */
function mergeAlike(states: readonly State[]): Automaton {
  const before = states.map((): number[] => [])
  const waitingFor = states.map(({ edges }, from) => {
    const others = edges.filter(({ to }) => to !== from)
    for (const { to } of others) before[to]!.push(from)
    return others.length
  })
  /** For each state the one that stands for it. */
  const merged = states.map((_, state) => state)
  const alike = new Map<string, number>()
  const ready = states.flatMap((_, state) => (waitingFor[state] === 0 ? [state] : []))
  for (const state of ready) {
    const { accepts: ends, edges } = states[state]!
    const moved = byTarget(edges.map(({ ranges, to }) => ({ ranges, to: to === state ? -1 : merged[to]! })))
    const name = `${ends} ${moved
      .map(({ ranges, to }) => `${to}:${ranges.join(';')}`)
      .sort()
      .join(' ')}`
    merged[state] = alike.get(name) ?? state
    alike.set(name, merged[state])
    for (const one of before[state]!) if (--waitingFor[one]! === 0) ready.push(one)
  }
  return renumbered(states, merged)
}

/** The states that stand for all, in the order in which they are met from the beginning. */
function renumbered(states: readonly State[], merged: readonly number[]): Automaton {
  const numbers = new Map<number, number>([[merged[0]!, 0]])
  const kept: State[] = []
  for (const state of numbers.keys()) {
    const { accepts: ends, edges } = states[state]!
    const moved = edges.map(({ ranges, to }) => {
      const target = merged[to]!
      if (!numbers.has(target)) numbers.set(target, numbers.size)
      return { ranges, to: numbers.get(target)! }
    })
    kept.push({ accepts: ends, edges: byTarget(moved) })
  }
  return kept
}

/** Whether a text is in the language. */
export function accepts(automaton: Automaton, text: string): boolean {
  let at = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    const edge = automaton[at]!.edges.find(({ ranges }) =>
      ranges.some(([from, to]) => from <= code && code <= to),
    )
    if (!edge) return false
    at = edge.to
  }
  return automaton[at]!.accepts
}

interface Edge {
  ranges: CodeRanges
  to: number
}

/** An automaton with choices: each node has free steps to others, or one edge. */
class Nodes {
  readonly #free: number[][] = []
  readonly #edges: (Edge | null)[] = []

  add(...free: number[]): number {
    if (this.#free.length >= MAX_NODES)
      throw new Error(`it has more than ${MAX_NODES} characters when written out`)
    this.#edges.push(null)
    return this.#free.push(free) - 1
  }

  /** The node where a language begins that goes on at `to`. */
  build(regular: Regular, to: number): number {
    switch (regular.kind) {
      case 'set': {
        const node = this.add()
        this.#edges[node] = { ranges: regular.ranges, to }
        return node
      }
      case 'sequence':
        return regular.parts.reduceRight((next, part) => this.build(part, next), to)
      case 'choice':
        return this.add(...regular.parts.map((part) => this.build(part, to)))
      case 'repeat':
        return this.#repeat(regular, to)
      default:
        return regular satisfies never
    }
  }

  #repeat({ part, least, most }: Regular & { kind: 'repeat' }, to: number): number {
    let next = to
    if (most === null) {
      const loop = this.add(to)
      this.#free[loop]!.push(this.build(part, loop))
      next = loop
    } else {
      for (let i = least; i < most; i++) next = this.add(to, this.build(part, next))
    }
    for (let i = 0; i < least; i++) next = this.build(part, next)
    return next
  }

  /** Nodes that free steps reach, sorted. */
  closure(from: readonly number[]): number[] {
    const reached = new Set(from)
    for (const node of reached) for (const next of this.#free[node]!) reached.add(next)
    return [...reached].sort((a, b) => a - b)
  }

  edges(nodes: readonly number[]): Edge[] {
    return nodes.flatMap((node) => this.#edges[node] ?? [])
  }
}

/** Edges cut so that no two have a character in common, each with all places that its characters led to. */
function disjoint(edges: readonly Edge[]): { ranges: CodeRanges; to: number[] }[] {
  const borders = new Set<number>()
  for (const { ranges } of edges) for (const [from, to] of ranges) borders.add(from).add(to + 1)
  const sorted = [...borders].sort((a, b) => a - b)
  const byTargets = new Map<string, { ranges: [number, number][]; to: number[] }>()
  for (const [i, from] of sorted.entries()) {
    const next = sorted[i + 1]
    const leading = edges.filter(({ ranges }) => ranges.some(([low, high]) => low <= from && from <= high))
    if (next === undefined || leading.length === 0) continue
    const to = [...new Set(leading.map((edge) => edge.to))].sort((a, b) => a - b)
    const known = byTargets.get(to.join())
    if (known) known.ranges.push([from, next - 1])
    else byTargets.set(to.join(), { ranges: [[from, next - 1]], to })
  }
  return [...byTargets.values()]
}

/** Edges to the same state as one, ranges that touch as one. */
function byTarget(edges: readonly Edge[]): Edge[] {
  const ranges = new Map<number, (readonly [number, number])[]>()
  for (const edge of edges) ranges.set(edge.to, [...(ranges.get(edge.to) ?? []), ...edge.ranges])
  return [...ranges].map(([to, all]) => ({ ranges: joined(all), to }))
}

function joined(ranges: readonly (readonly [number, number])[]): CodeRanges {
  const all: [number, number][] = []
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = all.at(-1)
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to)
    else all.push([from, to])
  }
  return all
}
