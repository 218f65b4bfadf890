/** One step of the demo with its wall time. */
export interface Step {
  name: string
  ms: number
  ok: boolean
}

/** Runs steps one after the other, keeps their wall times and prints each when it ends. */
export class StepClock {
  readonly steps: Step[] = []
  readonly #print: (line: string) => void

  constructor(print: (line: string) => void) {
    this.#print = print
  }

  /** Runs one step. @throws what the step throws; it is then noted as not ok */
  async run<T>(name: string, title: string, work: () => Promise<T>): Promise<T> {
    this.#print(`\n${title}`)
    const startedAt = performance.now()
    let ok = false
    try {
      const result = await work()
      ok = true
      return result
    } finally {
      const ms = Math.round(performance.now() - startedAt)
      this.steps.push({ name, ms, ok })
      this.#print(`  ${ok ? 'done' : 'failed'} in ${(ms / 1000).toFixed(1)} s`)
    }
  }
}
