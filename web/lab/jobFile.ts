import * as z from 'zod/mini'
import type { KernelBinding, KernelProgram } from '../../protocol/kernel/kernelProgram.ts'
import { type Datatype, datatypes } from '../../protocol/tensor.ts'
import { type LabSession, labSession, readSession } from './session.ts'

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
}

/**
 * A job file for a pass of the lab, with its inputs' bytes: the same on every device.
 * @param inputs by name of the buffer, or of the uniform variable
 */
export function jobFileOf(
  session: LabSession,
  job: KernelProgram,
  inputs: ReadonlyMap<string, Uint8Array>,
  operations: number,
): JobFile {
  const { entryPoint, bindings, overrides, dispatch } = job
  const outputs = session.buffers.filter(({ role }) => role === 'output').map(({ name }) => name)
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
      return bytes?.byteLength ? [{ name, shape, datatype, base64: base64Of(bytes) }] : []
    }),
    outputs: outputs.filter((name) => bindings.some((binding) => binding.name === name)),
    operations: Math.round(operations),
    ...(floats && { tolerance: { ulp: session.toleranceUlp } }),
  }
}

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

const whole = z.number().check(z.int(), z.gte(0))
const importedJob = z.object({
  kind: z.optional(z.literal('kernel')),
  program: z.optional(z.string()),
  programFile: z.optional(z.string()),
  entryPoint: z.string(),
  bindings: z.array(
    z.object({
      name: z.string(),
      group: z.optional(whole),
      binding: whole,
      type: z.enum(['uniform', 'read-only-storage', 'storage']),
      datatype: z.enum(Object.keys(datatypes) as [Datatype, ...Datatype[]]),
      shape: z.array(whole),
    }),
  ),
  overrides: z.optional(z.record(z.string(), z.number())),
  dispatch: z.tuple([whole, whole, whole]),
  inputs: z.optional(z.array(z.object({ name: z.string(), base64: z.optional(z.string()) }))),
  outputs: z.optional(z.array(z.string())),
  operations: z.optional(z.number()),
  tolerance: z.optional(z.object({ ulp: z.optional(z.number()) })),
})

/**
 * A session from files that were dropped: a `.wgsl` alone, to be described; a job file with its program (inside it or
 * beside it); or a session as the lab keeps it. Null where they are none of these.
 */
export function sessionOfFiles(files: readonly { name: string; text: string }[]): LabSession | null {
  const program = files.find(({ name }) => name.endsWith('.wgsl'))
  const other = files.find(({ name }) => name.endsWith('.json'))
  if (!other) {
    if (!program) return null
    return blankSession(program.name, program.text)
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(other.text)
  } catch {
    return null
  }
  if (labSession.safeParse(parsed).success) return readSession(parsed)
  const job = importedJob.safeParse(parsed)
  const text = program?.text ?? job.data?.program
  if (!job.success || text === undefined) return null
  return sessionOfJob(job.data, other.name, text)
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

function sessionOfJob(job: z.infer<typeof importedJob>, file: string, text: string): LabSession {
  const name = file.replace(/(\.kernel)?\.json$/, '')
  const outputs = job.outputs ?? []
  const given = new Map(job.inputs?.map((input) => [input.name, input.base64 ?? null]))
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
            wordsOf(given.get(name) ?? ''),
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
        const base64 = given.get(binding.name)
        const file = `${binding.name}.bin`
        return {
          name: binding.name,
          datatype: binding.datatype,
          shape: binding.shape.map(String),
          role: outputs.includes(binding.name) ? 'output' : binding.type === 'storage' ? 'scratch' : 'input',
          fill: base64 ? { kind: 'file', name: file, base64 } : { kind: 'zeros' },
        }
      }),
    numbers: {},
    seed: 1,
    check: { kind: 'none' },
    toleranceUlp: job.tolerance?.ulp ?? 0,
    operations: job.operations ? String(job.operations) : '',
    sweep: {},
  }
}

/** Words of a uniform buffer by their place; fields take them over when the program is read. */
const wordsOf = (base64: string): Record<string, string> => {
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
