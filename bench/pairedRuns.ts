import { loadavg } from 'node:os'
import { medianOf } from '../protocol/medianOf.ts'

/** One side of a benchmark: does the work once and gives its figure (bigger is better, e.g. tasks/s). */
export type Side = () => Promise<number>

export interface PairedResult {
  name: string
  /** Figures in the order in which they were taken. */
  figures: number[]
  median: number
}

/** Load average over one minute, by which a reader judges how far to trust a run. */
export const load = (): number => Math.round(loadavg()[0]! * 100) / 100

/**
 * Runs the sides in turn, round after round, so that all of them meet the same machine; in every other round in the
 * opposite order.
 * @param onFigure hears of each figure; a warm-up's round is negative
 * @param warmUps rounds before the first whose figures do not count: code is compiled and caches are filled in them
 */
export async function pairedRuns(
  sides: Readonly<Record<string, Side>>,
  rounds: number,
  onFigure: (name: string, figure: number, round: number) => void = () => {},
  warmUps = 0,
): Promise<PairedResult[]> {
  const names = Object.keys(sides)
  const figures = new Map<string, number[]>(names.map((name) => [name, []]))
  for (let round = -warmUps; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const figure = await sides[name]!()
      if (round >= 0) figures.get(name)!.push(figure)
      onFigure(name, figure, round)
    }
  }
  return names.map((name) => ({ name, figures: figures.get(name)!, median: medianOf(figures.get(name)!) }))
}

/** Median over the rounds of a ÷ b, each pair taken in the same round. */
export function ratioOf(results: readonly PairedResult[], a: string, b: string): number {
  const figuresOf = (name: string): number[] => results.find((result) => result.name === name)!.figures
  const below = figuresOf(b)
  return medianOf(figuresOf(a).map((figure, round) => figure / below[round]!))
}
