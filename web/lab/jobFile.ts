import * as z from 'zod/mini'
import { BUFFER_NAME } from '../../protocol/kernel/bufferName.ts'
import type { KernelBinding, KernelProgram } from '../../protocol/kernel/kernelProgram.ts'
import { withoutByteOrderMark } from '../../protocol/kernel/wgslText.ts'
import { type Datatype, datatypes } from '../../protocol/tensor.ts'
import { LabError, wordsOf } from './labWords.ts'
import { arrayOf } from './numbers/elementArrays.ts'
import { holderOf, isWide } from './numbers/wholeRange.ts'
import { type LabCheck, type LabSession, labReference, readSession } from './session.ts'

/** A job file of one pass: what `opentab kernel run` and `POST /v1/jobs` take. */
export interface JobFile {
  kind: 'kernel'
  programFile: string
  entryPoint: string
  bindings: readonly KernelBinding[]
  overrides: Readonly<Record<string, number>>
  dispatch: readonly [number, number, number]
  inputs: readonly { name: string; shape: readonly number[]; datatype: string; base64: string }[]
  outputs: readonly string[]
  operations: number
  tolerance?: { ulp: number }
  /** What the only output must be. */
  reference?: readonly { name: string; shape: readonly number[]; datatype: string; base64: string }[]
  /** The lab's own, which no relay is sent: where the reference comes from, with the numbers that it names. */
  lab?: { check: LabCheck; numbers: LabSession['numbers'] }
}

/**
 * A job file for a pass of the lab, with its inputs' bytes: the same on every device.
 * @param inputs by name of the buffer, or of the uniform variable
 * @param reference bytes of what the first output must be; null where a job cannot carry them
 */
export function jobFileOf(
  session: LabSession,
  job: KernelProgram,
  inputs: ReadonlyMap<string, Uint8Array>,
  operations: number,
  reference: Uint8Array | null,
): JobFile {
  const { entryPoint, bindings, overrides, dispatch } = job
  const outputs = session.buffers
    .filter(({ role, name }) => role === 'output' && bindings.some((binding) => binding.name === name))
    .map(({ name }) => name)
  // With a reference for one of several outputs no verdict would be better than `unverified`.
  const compared = reference && outputs.length === 1 && bindings.find(({ name }) => name === outputs[0])
  const floats = session.buffers.some(({ role, datatype }) => role === 'output' && datatype.startsWith('FP'))
  return {
    kind: 'kernel',
    programFile: programFileOf(session),
    entryPoint,
    bindings,
    overrides,
    dispatch,
    inputs: bindings.flatMap(({ name, shape, datatype }) => {
      const bytes = inputs.get(name)
      return bytes?.byteLength ? [tensorOf({ name, shape, datatype }, bytes)] : []
    }),
    outputs,
    operations: Math.round(operations),
    ...(floats && { tolerance: { ulp: session.toleranceUlp } }),
    ...(compared && { reference: [tensorOf(compared, reference)] }),
    ...(session.check.kind !== 'none' && { lab: { check: session.check, numbers: session.numbers } }),
  }
}

const tensorOf = (
  { name, shape, datatype }: Pick<KernelBinding, 'name' | 'shape' | 'datatype'>,
  bytes: Uint8Array,
) => ({ name, shape, datatype, base64: base64Of(bytes) })

/** The program's file name beside the job file. */
export const programFileOf = ({ name }: LabSession): string => `${fileNameOf(name)}.wgsl`
/** A file name from a session's. */
export const fileNameOf = (name: string): string =>
  name.replace(/[^\w.-]+/g, '-').replace(/^-|-$/g, '') || 'kernel'

function base64Of(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
const whole = z.number().check(z.int(), z.gte(0))
const importedJob = z.object({
  kind: z.optional(z.literal('kernel')),
  program: z.optional(z.string()),
  programFile: z.optional(z.string()),
  entryPoint: z.string(),
  bindings: z.array(
    z.object({
      name: z.string().check(z.regex(BUFFER_NAME)),
      group: z.optional(whole),
      binding: whole,
      type: z.enum(['uniform', 'read-only-storage', 'storage']),
      datatype: z.enum(Object.keys(datatypes) as [Datatype, ...Datatype[]]),
      shape: z.array(whole),
    }),
  ),
  overrides: z.optional(z.record(z.string(), z.number())),
  dispatch: z.tuple([whole, whole, whole]),
  inputs: z.optional(
    z.array(
      z.object({
        name: z.string(),
        base64: z.optional(z.string().check(z.regex(BASE64))),
        data: z.optional(z.array(z.unknown())),
        file: z.optional(z.string()),
      }),
    ),
  ),
  outputs: z.optional(z.array(z.string())),
  operations: z.optional(z.number()),
  tolerance: z.optional(z.object({ ulp: z.optional(z.number()) })),
  lab: z.optional(labReference),
})

/** A file that was dropped or chosen. */
export interface GivenFile {
  name: string
  /** Its bytes as UTF-8. */
  text: string
  /** Its bytes; absent where only texts can be given. */
  base64?: string
}

/**
 * A session from files that were dropped: a `.wgsl` alone, to be described; a job file with its program (inside it or
 * beside it) and the files that its inputs name; or a session as the lab keeps it.
 * @throws LabError `lab.import...` where they are none of these
 */
export function sessionOfFiles(given: readonly GivenFile[]): LabSession {
  const files = given.map((file) => ({ ...file, text: withoutByteOrderMark(file.text) }))
  const program = files.find(({ name }) => name.endsWith('.wgsl'))
  const other = files.find(({ name }) => name.endsWith('.json'))
  if (!other) {
    if (!program) throw new LabError(wordsOf('lab.importNothing'))
    return blankSession(program.name, program.text)
  }
  const file = other.name
  const parsed = jsonOf(other)
  const session = readSession(parsed)
  if (session) return session
  const job = importedJob.safeParse(parsed)
  if (!job.success) {
    const place = job.error.issues[0]?.path.join('.') || file
    throw new LabError(wordsOf('lab.importNoJob', { file, place }))
  }
  const text = program?.text ?? job.data.program
  if (text === undefined) {
    const named = job.data.programFile ?? file.replace(/(\.kernel)?\.json$/, '.wgsl')
    throw new LabError(wordsOf('lab.importNoProgram', { file, program: named }))
  }
  const inputs = new Map(job.data.inputs?.map((input) => [input.name, bytesOf(input, job.data, file, files)]))
  return sessionOfJob(job.data, file, text, inputs)
}

/** @throws LabError `lab.importNoJson` */
function jsonOf({ name, text }: GivenFile): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new LabError(wordsOf('lab.importNoJson', { file: name }))
  }
}

type ImportedJob = z.infer<typeof importedJob>

/** Elements of a job file's `data`, as the relay takes them; null for one that the datatype does not hold. */
function elementReader(datatype: Datatype): (value: unknown) => number | bigint | null {
  if (datatype.startsWith('FP'))
    return (value) =>
      typeof value === 'number' || /^(?:NaN|-?Infinity)$/.test(String(value)) ? Number(value) : null
  const holds = holderOf(datatype)
  return (value) => {
    if (datatype === 'BOOL')
      return value === true || value === 1 ? 1 : value === false || value === 0 ? 0 : null
    if (isWide(datatype) && typeof value === 'string' && /^-?\d{1,20}$/.test(value))
      return holds(BigInt(value)) ? BigInt(value) : null
    // A number past 2^53 has lost digits when JSON was read.
    return Number.isSafeInteger(value) && holds(value as number) ? (value as number) : null
  }
}

/** The bytes of an input, as base64. @throws LabError `lab.importNoInput` where they are elsewhere, `lab.importNoNumber` */
function bytesOf(
  { name, base64, data, file }: NonNullable<ImportedJob['inputs']>[number],
  { bindings }: ImportedJob,
  jobFile: string,
  files: readonly GivenFile[],
): GivenFile {
  const binding = bindings.find((each) => each.name === name)
  if (base64 !== undefined) return { name: `${name}.bin`, text: '', base64 }
  if (data !== undefined && binding) {
    const flat = data.flat(Number.POSITIVE_INFINITY)
    const { datatype } = binding
    const read = elementReader(datatype)
    const bytes = arrayOf(datatype, flat.length, (index) => {
      const element = read(flat[index])
      if (element !== null) return element
      const value = String(flat[index])
      throw new LabError(
        wordsOf('lab.importNoNumber', { file: jobFile, index: String(index), name, value, datatype }),
      )
    })
    return { name: `${name}.bin`, text: '', base64: base64Of(bytes) }
  }
  const found = files.find((each) => file !== undefined && each.name === file.split('/').at(-1))
  if (found?.base64 === undefined) throw new LabError(wordsOf('lab.importNoInput', { file: jobFile, name }))
  return found
}

/** A program that nobody has described yet. */
const blankSession = (file: string, text: string): LabSession => ({
  v: 1,
  name: file.replace(/\.wgsl$/, ''),
  programs: [{ name: file, text }],
  passes: [
    {
      program: 0,
      entryPoint: '',
      buffers: {},
      uniforms: {},
      overrides: {},
      constants: {},
      dispatch: ['1', '1', '1'],
    },
  ],
  buffers: [],
  numbers: {},
  seed: 1,
  check: { kind: 'none' },
  toleranceUlp: 0,
  operations: '',
  sweep: {},
})

function sessionOfJob(
  job: ImportedJob,
  file: string,
  text: string,
  given: ReadonlyMap<string, GivenFile>,
): LabSession {
  const name = file.replace(/(\.kernel)?\.json$/, '')
  const outputs = job.outputs ?? []
  const uniforms = job.bindings.filter(({ type }) => type === 'uniform')
  return {
    v: 1,
    name,
    programs: [{ name: job.programFile ?? `${name}.wgsl`, text }],
    passes: [
      {
        program: 0,
        entryPoint: job.entryPoint,
        buffers: Object.fromEntries(
          job.bindings.map(({ name, group = 0, binding }) => [`@${group}.${binding}`, name]),
        ),
        uniforms: Object.fromEntries(
          uniforms.map(({ name, group = 0, binding }) => [
            `@${group}.${binding}`,
            uniformWords(given.get(name)?.base64 ?? ''),
          ]),
        ),
        overrides: Object.fromEntries(
          Object.entries(job.overrides ?? {}).map(([key, value]) => [key, String(value)]),
        ),
        constants: {},
        dispatch: job.dispatch.map(String) as [string, string, string],
      },
    ],
    buffers: job.bindings
      .filter(({ type }) => type !== 'uniform')
      .map((binding) => {
        const content = given.get(binding.name)
        return {
          name: binding.name,
          datatype: binding.datatype,
          shape: binding.shape.map(String),
          role: outputs.includes(binding.name) ? 'output' : binding.type === 'storage' ? 'scratch' : 'input',
          fill: content?.base64
            ? { kind: 'file', name: content.name, base64: content.base64 }
            : { kind: 'zeros' },
        }
      }),
    numbers: job.lab?.numbers ?? {},
    seed: 1,
    check: job.lab?.check ?? { kind: 'none' },
    toleranceUlp: job.tolerance?.ulp ?? 0,
    operations: job.operations ? String(job.operations) : '',
    sweep: {},
  }
}

/** Words of a uniform buffer by their place; fields take them over when the program is read. */
const uniformWords = (base64: string): Record<string, string> => {
  const binary = atob(base64)
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  const view = new DataView(bytes.buffer)
  return Object.fromEntries(
    Array.from({ length: bytes.byteLength >> 2 }, (_, at) => [
      String(at),
      String(view.getUint32(at * 4, true)),
    ]),
  )
}
