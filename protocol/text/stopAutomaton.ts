/** A place in the automaton: the longest end of the text so far that begins a stop text. */
export interface StopState {
  /** Its length, UTF-16 units. */
  readonly length: number
  /** Length of the longest stop text that ends here, UTF-16 units; 0 where none does. */
  readonly ended: number
}

interface Node extends StopState {
  ended: number
  /** By UTF-16 unit. */
  next: Map<number, Node>
  /** Where the next shorter end of the text that begins a stop text stands. */
  shorter: Node | null
}

const node = (length: number): Node => ({ length, ended: 0, next: new Map(), shorter: null })

/**
 * Finds stop texts in a text that comes unit by unit, in a time that does not depend on how many there are: the automaton
 * of A. V. Aho and M. J. Corasick, "Efficient string matching" (1975).
 */
export class StopAutomaton {
  readonly start: StopState
  readonly #root = node(0)

  /** Texts that are not well-formed Unicode never come and are left out, and so are empty ones. */
  constructor(stops: readonly string[]) {
    this.start = this.#root
    for (const stop of stops) if (stop.isWellFormed()) this.#add(stop)
    this.#link()
  }

  step(state: StopState, unit: number): StopState {
    let at: Node | null = state as Node
    while (at) {
      const next = at.next.get(unit)
      if (next) return next
      at = at.shorter
    }
    return this.#root
  }

  #add(stop: string): void {
    let at = this.#root
    for (let i = 0; i < stop.length; i++) {
      const unit = stop.charCodeAt(i)
      let next = at.next.get(unit)
      if (!next) {
        next = node(i + 1)
        at.next.set(unit, next)
      }
      at = next
    }
    at.ended = stop.length
  }

  /** Breadth first: the shorter ends of a text are shorter texts. */
  #link(): void {
    const nodes = [this.#root]
    for (const at of nodes) {
      for (const [unit, next] of at.next) {
        next.shorter = at.shorter ? (this.step(at.shorter, unit) as Node) : this.#root
        // A stop text that ends here is longer than any that ends at a shorter end.
        next.ended ||= next.shorter.ended
        nodes.push(next)
      }
    }
  }
}
