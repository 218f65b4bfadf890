/** Values of overrides and numbers by name. */
export type SweepPoint = Readonly<Record<string, number>>

/** Most points of a sweep. */
export const MOST_POINTS = 64

/**
 * Every combination of the values that are given as texts (`8, 16, 32`); the last name moves fastest. Names without a
 * value do not vary; past MOST_POINTS the rest is left out.
 */
export function gridOf(sweep: Readonly<Record<string, string>>): { names: string[]; points: SweepPoint[] } {
  const axes = Object.entries(sweep)
    .map(([name, text]) => ({ name, values: valuesOf(text) }))
    .filter(({ values }) => values.length > 0)
  let points: SweepPoint[] = axes.length === 0 ? [] : [{}]
  for (const { name, values } of axes) {
    points = points.flatMap((point) => values.map((value) => ({ ...point, [name]: value })))
  }
  return { names: axes.map(({ name }) => name), points: points.slice(0, MOST_POINTS) }
}

/** The numbers of a text, each once, in their order. */
function valuesOf(text: string): number[] {
  const numbers = text
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
    .map(Number)
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
