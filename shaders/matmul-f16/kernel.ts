import type { KernelDescriptor, KernelPass, KernelVariant, ScratchTensor } from '../kernel.ts'
import { matmulF32 } from '../matmul-f32/kernel.ts'
import type { Size } from '../size.ts'
import narrow from './narrow.wgsl?raw'
import tileAccessF16 from './tileAccessF16.wgsl?raw'
import widen from './widen.wgsl?raw'

/** A pass over all elements of a matrix, or all words of it. */
const overAll = (
  pass: Pick<KernelPass, 'programs' | 'entryPoint' | 'reads' | 'writes' | 'columns'>,
): KernelPass => ({
  step: 'compute',
  overrides: {},
  rows: 1,
  perWorkgroup: { rows: 1, columns: 64 },
  cellOperations: 8,
  ...pass,
})

const widenPass = (entryPoint: 'widenA' | 'widenB', columns: Size): KernelPass =>
  overAll({
    programs: ['task', 'widen'],
    entryPoint,
    reads: [entryPoint === 'widenA' ? 'a' : 'b'],
    writes: entryPoint === 'widenA' ? 'wideA' : 'wideB',
    columns,
  })

const wide: readonly ScratchTensor[] = [
  { name: 'wideA', datatype: 'FP32', shape: ['m', 'k'] },
  { name: 'wideB', datatype: 'FP32', shape: ['k', 'n'] },
  { name: 'wideC', datatype: 'FP32', shape: ['m', 'n'] },
]

const computeOf = ({ passes }: KernelVariant): KernelPass => passes.find(({ step }) => step === 'compute')!

/** A tile of matmul-f32 that reads and stores f16 itself. */
const nativeVariant = (variant: KernelVariant): KernelVariant => {
  const pass = computeOf(variant)
  return {
    ...variant,
    name: `${variant.name}Native`,
    needs: { languageFeatures: [], features: ['shader-f16'] },
    passes: [
      { ...pass, programs: ['tileAccessF16', ...pass.programs.filter((name) => name !== 'tileAccess')] },
    ],
  }
}

/** A variant of matmul-f32 between passes that make f32 of f16 and the other way round. */
const widenedVariant = (variant: KernelVariant): KernelVariant => ({
  ...variant,
  name: `${variant.name}Widened`,
  scratch: wide,
  passes: [
    widenPass('widenA', { times: ['m', 'k'] }),
    widenPass('widenB', { times: ['k', 'n'] }),
    { ...computeOf(variant), reads: ['wideA', 'wideB'], writes: 'wideC' },
    overAll({
      programs: ['task', 'narrow'],
      entryPoint: 'main',
      reads: ['wideC'],
      writes: 'c',
      columns: { ceilDiv: [{ times: ['m', 'n'] }, 2] },
    }),
  ],
})

const { pcg: _, seed: __, ...programs } = matmulF32.programs

/** `matmul-f16`: c = a * b, a f16[m,k], b f16[k,n], c f16[m,n], sums in f32, within the bound of its cases. */
export const matmulF16: KernelDescriptor = {
  v: 1,
  name: 'matmul-f16',
  summary: 'Matrix product: a FP16[m,k] times b FP16[k,n] gives c FP16[m,n], each sum in f32 in any order.',
  lane: 'float',
  tensors: [
    { name: 'a', role: 'input', datatype: 'FP16', shape: ['m', 'k'] },
    { name: 'b', role: 'input', datatype: 'FP16', shape: ['k', 'n'] },
    { name: 'c', role: 'output', datatype: 'FP16', shape: ['m', 'n'] },
  ],
  operations: { times: [2, 'm', 'k', 'n'] },
  variants: [
    ...matmulF32.variants.filter(({ family }) => family === 'workgroupTile').map(nativeVariant),
    ...matmulF32.variants.map(widenedVariant),
  ],
  programs: { ...programs, tileAccessF16, widen, narrow },
}
