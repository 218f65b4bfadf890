import { argumentsOf, type KernelPass, passText, uniformsOf, writesOf } from '../../../shaders/kernel.ts'
import type { KernelSuite } from '../../../shaders/kernelSuite.ts'
import { kernelSuites } from '../../../shaders/kernelSuites.ts'
import { type Shape, sizeOf } from '../../../shaders/size.ts'
import type { LabBuffer, LabPass, LabSession } from '../session.ts'
import { sizeText } from '../sizeText.ts'
import type { TemplateName } from './labNumbersApi.ts'

/** A template opens on a case of at most so many operations, so that its first run is over at once. */
const MOST_OPERATIONS = 3e5
/** The seed of every template. */
const SEED = 1

/** Every kernel of the library. */
export const templateNames = (): readonly TemplateName[] =>
  kernelSuites.map(({ kernel: { name, summary, variants } }) => ({
    kernel: name,
    summary,
    variants: variants.map((variant) => variant.name),
  }))

/** A variant of a kernel of the library as a session of the lab; null where there is none of that name. */
export function templateOf(name: string, variantName: string): LabSession | null {
  const suite = kernelSuites.find(({ kernel }) => kernel.name === name)
  const variant = suite?.kernel.variants.find((each) => each.name === variantName)
  if (!suite || !variant) return null
  const { kernel } = suite
  const passes = variant.passes.filter(({ step }) => step !== 'seed')
  const texts = [...new Set(passes.map((pass) => passText(kernel, pass)))]
  const programs = texts.map((text, at) => {
    const pieces = passes.find((pass) => passText(kernel, pass) === text)!.programs
    return { name: `${pieces.at(-1) ?? at}.wgsl`, text }
  })
  const tuning = Object.entries(variant.tuning ?? {})
  const sizes = caseOf(suite)
  return {
    v: 1,
    name: `${kernel.name} ${variant.name}`,
    programs,
    passes: passes.map((pass) => passOf(suite, pass, texts.indexOf(passText(kernel, pass)))),
    buffers: buffersOf(suite, variantName),
    numbers: {
      ...Object.fromEntries(argumentsOf(kernel).map((argument) => [argument.name, sizes[argument.name]!])),
      ...Object.fromEntries(tuning.map(([tunable, { value }]) => [tunable, value])),
    },
    seed: SEED,
    check: { kind: 'library', kernel: kernel.name },
    toleranceUlp: 0,
    operations: sizeText(kernel.operations),
    sweep: Object.fromEntries(tuning.map(([tunable, { values }]) => [tunable, values.join(', ')])),
  }
}

/** The largest of the suite's seeded cases that is small enough. */
function caseOf({ kernel, cases }: KernelSuite): Shape {
  const weights = cases
    .filter(({ inputs }) => inputs === undefined)
    .map(({ shape }) => ({ shape, operations: sizeOf(kernel.operations, shape) }))
    .sort((a, b) => a.operations - b.operations)
  return (weights.findLast(({ operations }) => operations <= MOST_OPERATIONS) ?? weights[0]!).shape
}

function passOf({ kernel }: KernelSuite, pass: KernelPass, program: number): LabPass {
  const variables = storageNames(pass.programs.map((name) => kernel.programs[name]!).join('\n'))
  const bound = [...pass.reads, ...writesOf(pass)]
  const { rows, columns, perWorkgroup } = pass
  return {
    program,
    entryPoint: pass.entryPoint,
    // Descriptors bind by order, programs may call a buffer what they like.
    buffers: Object.fromEntries(
      bound.flatMap((buffer, at) => {
        const variable = variables.get(at + 1)
        return variable === undefined ? [] : [[variable, buffer]]
      }),
    ),
    uniforms: {
      [variables.get(0) ?? 'task']: Object.fromEntries(
        uniformsOf(kernel).map(({ name, value }) => [
          name,
          typeof value === 'object' && ('band' in value || 'seedOf' in value) ? '0' : sizeText(value),
        ]),
      ),
    },
    overrides: texts(pass.overrides),
    constants: texts(pass.constants ?? {}),
    dispatch: [
      sizeText({ ceilDiv: [columns, perWorkgroup.columns] }),
      sizeText({ ceilDiv: [rows, perWorkgroup.rows] }),
      '1',
    ],
  }
}

const texts = (sizes: NonNullable<KernelPass['constants']>) =>
  Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, sizeText(size)]))

/** Variables of group 0 by binding. */
const storageNames = (text: string): ReadonlyMap<number, string> =>
  new Map(
    [...text.matchAll(/@binding\((\d+)\)\s*var<[^>]*>\s*(\w+)/g)].map((match) => [
      Number(match[1]),
      match[2]!,
    ]),
  )

function buffersOf({ kernel }: KernelSuite, variantName: string): LabBuffer[] {
  const variant = kernel.variants.find(({ name }) => name === variantName)!
  const tensors = kernel.tensors.map(({ name, datatype, shape, role }) => ({
    name,
    datatype,
    shape: shape.map(sizeText),
    role,
    fill: role === 'input' ? { kind: 'library' as const, kernel: kernel.name } : { kind: 'zeros' as const },
  }))
  const scratch = variant.scratch.map(({ name, datatype, shape }) => ({
    name,
    datatype,
    shape: shape.map(sizeText),
    role: 'scratch' as const,
    fill: { kind: 'zeros' as const },
  }))
  return [...tensors, ...scratch]
}
