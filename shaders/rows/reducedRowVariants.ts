import type { KernelPass, KernelVariant } from '../kernel.ts'
import { reduceFamilies } from './reduceFamilies.ts'

interface ReducedRows {
  /** Pieces with the struct of uniforms, `Value` and `combine`. */
  begin: readonly string[]
  /** The piece with `combineSubgroup`. */
  inSubgroup: string
  /** The piece with `main`, which fills a row. */
  program: string
  reads: KernelPass['reads']
  writes: KernelPass['writes']
  /** Rough operations of a row. */
  cellOperations: KernelPass['cellOperations']
}

/** The variants of a kernel whose only pass reduces each of `rows` rows and then fills it, one a row family. */
export const reducedRowVariants = ({
  begin,
  inSubgroup,
  program,
  ...pass
}: ReducedRows): readonly KernelVariant[] =>
  reduceFamilies(inSubgroup).map(
    ({ name, family, needs, directives, programs, lanes, rowsPerWorkgroup }) => ({
      name,
      family,
      needs,
      tuning: { lanes },
      scratch: [],
      passes: [
        {
          step: 'compute',
          programs: [...directives, ...begin, ...programs, program],
          entryPoint: 'main',
          overrides: { lanes: 'lanes' },
          rows: 'rows',
          columns: 1,
          perWorkgroup: { rows: rowsPerWorkgroup, columns: 1 },
          ...pass,
        },
      ],
    }),
  )
