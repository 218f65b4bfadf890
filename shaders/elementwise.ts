import type { KernelPass, KernelVariant, UniformField } from './kernel.ts'

/** A u32 field of the struct of uniforms that holds the argument of the same name. */
export const field = (name: string): UniformField => ({ name, type: 'u32', value: name })

/** The fields that tell a program where its band starts. */
export const bandFields: readonly UniformField[] = [
  { name: 'firstRow', type: 'u32', value: { band: 'firstRow' } },
  { name: 'firstColumn', type: 'u32', value: { band: 'firstColumn' } },
]

/** A pass whose invocations each fill one cell, a row of a workgroup beside the other ones. */
export const elementwisePass = (
  pass: Pick<KernelPass, 'programs' | 'reads' | 'writes' | 'rows' | 'columns' | 'cellOperations'>,
): KernelPass => ({
  step: 'compute',
  entryPoint: 'main',
  overrides: { lanes: 'lanes' },
  perWorkgroup: { rows: 1, columns: 'lanes' },
  ...pass,
})

/** The only variant of a kernel whose cells have nothing to share. */
export const elementwiseVariant = (pass: Parameters<typeof elementwisePass>[0]): readonly KernelVariant[] => [
  {
    name: 'elementwise',
    family: 'registerTile',
    needs: { languageFeatures: [], features: [] },
    tuning: { lanes: { value: 64, values: [32, 64, 128, 256] } },
    scratch: [],
    passes: [elementwisePass(pass)],
  },
]
