import * as z from 'zod/mini'
import { OpentabError } from '../errors.ts'
import { type Datatype, datatypes, type Tensor } from '../tensor.ts'
import { BUFFER_NAME, BUFFER_NAME_IN_WORDS, OWN_NAMES } from './bufferName.ts'
import {
  bindingBytes,
  type KernelBinding,
  type KernelProgram,
  MAX_KERNEL_BUFFERS,
  MAX_NAME_CHARACTERS,
  MAX_PROGRAM_BYTES,
} from './kernelProgram.ts'

/** Most timed runs of one task. */
export const MAX_REPEAT = 100
/** The first input of a custom task: its description as JSON in UTF-8. */
const DESCRIPTION = 'kernel'
/** The last output but one: FP64[repeat], milliseconds of a run, each the mean of one measurement; NaN where none was made. */
export const TIMES = 'opentab.times'
/** The last output: UINT8[1], how the times were taken: 1 by the GPU's timestamps, 0 by wall time from submit to end. */
export const CLOCK = 'opentab.clock'

const name = z.string().check(z.regex(BUFFER_NAME, { error: BUFFER_NAME_IN_WORDS }))
const whole = z.number().check(z.int(), z.nonnegative())

const customKernel = z.object({
  program: z.string().check(z.maxLength(MAX_PROGRAM_BYTES)),
  entryPoint: z.string().check(z.minLength(1), z.maxLength(MAX_NAME_CHARACTERS)),
  bindings: z.array(
    z.object({
      name,
      group: z.optional(whole),
      binding: whole,
      type: z.enum(['uniform', 'read-only-storage', 'storage']),
      datatype: z.enum(Object.keys(datatypes) as [Datatype, ...Datatype[]]),
      shape: z.array(whole).check(z.maxLength(8)),
    }),
  ),
  overrides: z.record(z.string(), z.number()),
  dispatch: z.tuple([whole, whole, whole]),
  /** Names of the storage buffers that are read back, in the order of the outputs. */
  outputs: z.array(name).check(z.minLength(1), z.maxLength(MAX_KERNEL_BUFFERS)),
  /** Timed runs after the one whose outputs count; 0 times none. */
  repeat: z.number().check(z.int(), z.gte(0), z.lte(MAX_REPEAT)),
})

/** What a custom task asks a tab to run. */
export interface CustomKernel extends KernelProgram {
  outputs: readonly string[]
  repeat: number
}

/** The first input of a custom task. */
export function descriptionTensor({
  program,
  entryPoint,
  bindings,
  overrides,
  dispatch,
  outputs,
  repeat,
}: CustomKernel): Tensor {
  const text = JSON.stringify({ program, entryPoint, bindings, overrides, dispatch, outputs, repeat })
  const bytes = new TextEncoder().encode(text)
  return { name: DESCRIPTION, datatype: 'UINT8', shape: [bytes.length], bytes }
}

/**
 * The kernel of a custom task and its given inputs by name.
 * @throws OpentabError `bad_frame`; `invalid_value` where a buffer has a name of the tab's own, or an output is no buffer
 */
export function readCustomTask(inputs: readonly Tensor[]): {
  kernel: CustomKernel
  given: ReadonlyMap<string, Tensor>
} {
  const [first, ...rest] = inputs
  if (first?.name !== DESCRIPTION || first.datatype !== 'UINT8')
    throw new OpentabError('bad_frame', 'A custom task has no description.')
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(first.bytes))
  } catch {
    throw new OpentabError('bad_frame', 'The description of a custom task is not JSON.')
  }
  const parsed = customKernel.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new OpentabError('bad_frame', `A custom task: ${issue?.path.join('.')}: ${issue?.message}.`)
  }
  checkOutputNames(parsed.data)
  return { kernel: parsed.data, given: new Map(rest.map((tensor) => [tensor.name, tensor])) }
}

/** Bytes that a tab sends back. */
export const outputBytes = (kernel: CustomKernel): number =>
  outputSpecs(kernel).reduce((sum, spec) => sum + bindingBytes(spec), 0)

/** Shape and datatype that an output must have; the times come last, with how they were taken. */
export function outputSpecs({ bindings, outputs, repeat }: CustomKernel) {
  const specs = outputs.map((output) => {
    const { datatype, shape } = bindings.find((binding) => binding.name === output)!
    return { name: output, datatype, shape: [...shape] }
  })
  return [
    ...specs,
    { name: TIMES, datatype: 'FP64' as const, shape: [repeat] },
    { name: CLOCK, datatype: 'UINT8' as const, shape: [1] },
  ]
}

const bindingNamed = ({ bindings }: CustomKernel, wanted: string) =>
  bindings.find((binding) => binding.name === wanted)

function refuse(message: string, param: string): never {
  throw new OpentabError('invalid_value', message, { param })
}

/** @throws OpentabError `invalid_value` naming the binding whose name is none or the tab's own, or the output that is no buffer */
export function checkOutputNames(kernel: CustomKernel): void {
  const unfit = kernel.bindings.findIndex(({ name: given }) => !BUFFER_NAME.test(given))
  if (unfit >= 0) refuse(`The name of binding ${unfit} ${BUFFER_NAME_IN_WORDS}.`, 'bindings')
  const own = kernel.bindings.find((binding) => binding.name.startsWith(OWN_NAMES))
  if (own) refuse(`Binding ${own.name} begins with \`${OWN_NAMES}\`.`, 'bindings')
  for (const [index, output] of kernel.outputs.entries()) {
    if (bindingNamed(kernel, output)?.type !== 'storage')
      refuse(`Output ${output} is no binding of type storage.`, 'outputs')
    if (kernel.outputs.indexOf(output) !== index) refuse(`Output ${output} is asked for twice.`, 'outputs')
  }
}

/** A tensor that a job gives beside its kernel, without its bytes. */
type Given = Pick<Tensor, 'name' | 'datatype' | 'shape'>

/** @throws OpentabError `invalid_value` naming the input that fits no binding */
export function checkInputs(kernel: CustomKernel, inputs: readonly Given[]): void {
  for (const [index, input] of inputs.entries()) {
    const to = bindingNamed(kernel, input.name)
    if (!to) refuse(`Input ${input.name} is no binding.`, 'inputs')
    checkGiven('Input', input, to, inputs.slice(0, index), 'inputs')
  }
}

/** @throws OpentabError `invalid_value` naming what fits no output */
export function checkReference(kernel: CustomKernel, reference: readonly Given[]): void {
  for (const [index, right] of reference.entries()) {
    const to = kernel.outputs.includes(right.name) ? bindingNamed(kernel, right.name) : undefined
    if (!to) refuse(`Reference ${right.name} is no output.`, 'reference')
    checkGiven('Reference', right, to, reference.slice(0, index), 'reference')
  }
}

function checkGiven(
  what: string,
  { name, datatype, shape }: Given,
  to: KernelBinding,
  before: readonly Given[],
  param: string,
): void {
  if (before.some((other) => other.name === name)) refuse(`${what} ${name} is given twice.`, param)
  if (datatype !== to.datatype || bindingBytes({ datatype, shape }) !== bindingBytes(to))
    refuse(
      `${what} ${name} is ${datatype}[${shape.join(',')}] and its binding ${to.datatype}[${to.shape.join(',')}].`,
      param,
    )
}
