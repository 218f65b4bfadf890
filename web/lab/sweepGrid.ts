/** Values of overrides and numbers by name. */
export type SweepPoint = Readonly<Record<string, number>>

/** Most points of a sweep. */
export const MOST_POINTS = 64

/**
 * Every combination of the values that are given as texts (`8, 16, 32`); the last name moves fastest. Names without a
 * value do not vary; past MOST_POINTS the rest is left out.
 */
export function gridOf(sweep: Readonly<Record<string, string>>): {
  names: string[]
  points: SweepPoint[]
  /** Combinations that there are, also those that are left out. */
  count: number
} {
  const axes = Object.entries(sweep)
    .map(([name, text]) => ({ name, values: valuesOf(text) }))
    .filter(({ values }) => values.length > 0)
  const count = axes.length === 0 ? 0 : axes.reduce((product, { values }) => product * values.length, 1)
  let points: SweepPoint[] = axes.length === 0 ? [] : [{}]
  for (const { name, values } of axes) {
    points = points
      .flatMap((point) => values.map((value) => ({ ...point, [name]: value })))
      .slice(0, MOST_POINTS)
  }
  return { names: axes.map(({ name }) => name), points, count }
}

const partsOf = (text: string): string[] => text.split(/[\s,;]+/).filter((part) => part !== '')

/** The first of a text's values that is no number; null where all are. */
export const wrongValue = (text: string): string | null =>
  partsOf(text).find((part) => !Number.isFinite(Number(part))) ?? null

/** The numbers of a text, each once, in their order. */
function valuesOf(text: string): number[] {
  const numbers = partsOf(text).map(Number)
  return [...new Set(numbers.filter(Number.isFinite))]
}

/** A sweep as CSV: a column for each name, then `medianMs`, `madMs`, `n`, `method`, `right`. */
export function sweepCsv(
  names: readonly string[],
  rows: readonly {
    point: SweepPoint
    right: boolean | null
    timing: { medianMs: number; madMs: number; n: number; method: string } | null
  }[],
): string {
  const head = [...names, 'medianMs', 'madMs', 'n', 'method', 'right']
  const lines = rows.map(({ point, timing, right }) => [
    ...names.map((name) => point[name] ?? ''),
    timing?.medianMs ?? '',
    timing?.madMs ?? '',
    timing?.n ?? '',
    timing?.method ?? '',
    right ?? '',
  ])
  return [head, ...lines].map((line) => `${line.join(',')}\n`).join('')
}
