/** What a benchmark gives: printed as a table, written as JSON with --json. */
export interface BenchReport {
  name: string
  /** Load average over one minute, before and after. */
  load: { before: number; after: number }
  rows: Record<string, unknown>[]
  ratios: Record<string, number>
}

export interface BenchOptions {
  /** Rounds in which the sides take turns. */
  rounds?: number
  /** Share of the full amount of work in each turn: small numbers are for trying the program out. */
  scale?: number
}

/** `{100 ms: 0.93, ...}` with as many digits as a reader can use. */
export const rounded = (value: number, digits = 3): number => Number(value.toPrecision(digits))
