import { type Automaton, automatonOf } from './automaton.ts'
import { characterSet } from './characterSet.ts'
import { literal } from './ebnfText.ts'
import type { GrammarRules } from './grammarRules.ts'
import type { CodeRanges, Regular } from './regular.ts'

/** Deepest brackets of one rule. */
const MAX_NESTING = 30

/**
 * A regular language as a grammar in which each next character leaves one way only: where two ways begin alike within a
 * rule, xgrammar 0.1.27 merges states that differ, and `([0-9] | [1-9] [0-9] | [1-9] [0-9]{2}) "."?` takes `007`.
 * @throws Error when it is too large
 */
export function regularGrammar(regular: Regular, rules: GrammarRules): string {
  return new Writer(automatonOf(regular), rules).start()
}

class Writer {
  readonly #automaton: Automaton
  readonly #rules: GrammarRules
  /** Edges that lead to each state, its own not counted. */
  readonly #ways: number[]
  readonly #names = new Map<number, string>()

  constructor(automaton: Automaton, rules: GrammarRules) {
    this.#automaton = automaton
    this.#rules = rules
    this.#ways = automaton.map(() => 0)
    for (const [from, { edges }] of automaton.entries()) {
      for (const { to } of edges) if (to !== from) this.#ways[to]!++
    }
    // Nothing that leads back to the beginning may be written into itself.
    if (this.#ways[0]! > 0) this.#ways[0] = 2
  }

  start(): string {
    return (this.#ways[0] === 0 ? this.#body(0, 0) : this.#named(0)) || '""'
  }

  /** What follows when a state is reached: written out, or the name of its rule. */
  #from(state: number, nesting: number): string {
    const isShared = this.#ways[state]! > 1 || nesting > MAX_NESTING
    return isShared ? this.#named(state) : this.#body(state, nesting)
  }

  #named(state: number): string {
    const { edges, accepts } = this.#automaton[state]!
    if (edges.length === 0 && accepts) return ''
    let name = this.#names.get(state)
    if (name === undefined) {
      // Named before it is written, as it may come again.
      name = this.#rules.reserve()
      this.#names.set(state, name)
      this.#rules.write(name, this.#body(state, 0))
    }
    return name
  }

  #body(state: number, nesting: number): string {
    const { edges, accepts } = this.#automaton[state]!
    const run = this.#run(state)
    if (run) return `${run.text} ${this.#from(run.to, nesting)}`.trim()
    const own = edges.find(({ to }) => to === state)
    const others = edges.filter((edge) => edge !== own)
    const loop = own ? `${characterSet(own.ranges)}*` : ''
    if (others.length === 0) return loop
    const ways = others.map(({ ranges, to }) =>
      `${characterSet(ranges)} ${this.#from(to, nesting + 1)}`.trim(),
    )
    const rest = ways.length === 1 && !accepts ? ways[0]! : `(${ways.join(' | ')})${accepts ? '?' : ''}`
    return `${loop} ${rest}`.trim()
  }

  /**
   * States one after the other with no end and no choice between them: single characters as a text, `"null"`, or the same
   * set time and again, `[0-9]{4}`.
   */
  #run(state: number): { text: string; to: number } | null {
    const run: CodeRanges[] = []
    let at = state
    while (run.length === 0 || this.#ways[at] === 1) {
      const { edges, accepts } = this.#automaton[at]!
      const [edge, other] = edges
      if (accepts || !edge || other || edge.to === at) break
      const isAlike = isSingle(run[0])
        ? isSingle(edge.ranges)
        : characterSet(edge.ranges) === characterSet(run[0] ?? edge.ranges)
      if (!isAlike) break
      run.push(edge.ranges)
      at = edge.to
    }
    if (run.length < 2) return null
    if (!isSingle(run[0])) return { text: `${characterSet(run[0]!)}{${run.length}}`, to: at }
    return { text: literal(String.fromCodePoint(...run.map(([range]) => range![0]))), to: at }
  }
}

const isSingle = (ranges: CodeRanges | undefined): boolean =>
  ranges?.length === 1 && ranges[0]![0] === ranges[0]![1]
