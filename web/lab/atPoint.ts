import type { LabSession } from './session.ts'
import type { SweepPoint } from './sweepGrid.ts'

/** A session with the values of a point of its sweep: numbers, and overrides that do not name them. */
export function atPoint(session: LabSession, point: SweepPoint): Pick<LabSession, 'numbers' | 'passes'> {
  const known = Object.entries(point).filter(([name]) => Object.hasOwn(session.numbers, name))
  return {
    numbers: { ...session.numbers, ...Object.fromEntries(known) },
    passes: session.passes.map((pass) => ({
      ...pass,
      overrides: Object.fromEntries(
        Object.entries(pass.overrides).map(([name, text]) => {
          const value = point[name]
          const isNamed = text.trim() === name && Object.hasOwn(session.numbers, name)
          return [name, value === undefined || isNamed ? text : String(value)]
        }),
      ),
    })),
  }
}
