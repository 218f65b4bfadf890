import * as z from 'zod/mini'
import { type Datatype, datatypes } from '../../protocol/tensor.ts'

/** An expression over the session's numbers (web/lab/expression.ts): `64`, `m * k`, `ceilDiv(n, lanes)`. */
export type Expression = string

/** What a buffer holds before the first pass. */
export type Fill =
  /** Seeded (protocol/seededInputs.ts), the whole range of the datatype; floats from -1 up to 1. `low` <= value < `high` where given. */
  | { kind: 'random'; low?: number; high?: number }
  /** 0, 1, 2, ... */
  | { kind: 'ramp' }
  | { kind: 'zeros' }
  /** As the kernel of the library makes its inputs from a seed: within what it promises to take. */
  | { kind: 'library'; kernel: string }
  /** The bytes of a file, as base64. */
  | { kind: 'file'; name: string; base64: string }

/** A buffer that programs bind. */
export interface LabBuffer {
  name: string
  datatype: Datatype
  /** Row-major, outermost dimension first. */
  shape: readonly Expression[]
  /** `input` is filled, `output` is shown and checked, `scratch` lies between two passes. */
  role: 'input' | 'output' | 'scratch'
  fill: Fill
}

/** One dispatch. */
export interface LabPass {
  /** Index into the session's programs. */
  program: number
  entryPoint: string
  /** Buffer of each storage variable of the program; a variable that is absent binds the buffer of its own name. */
  buffers: Readonly<Record<string, string>>
  /** Values of the fields of each uniform variable, by the variable's name, then by the field's path. */
  uniforms: Readonly<Record<string, Readonly<Record<string, Expression>>>>
  overrides: Readonly<Record<string, Expression>>
  /** Numbers that only this pass has. */
  constants: Readonly<Record<string, Expression>>
  dispatch: readonly [Expression, Expression, Expression]
}

/** The buffer that a storage variable of a pass binds; `@group.binding` names one by its place. */
export const bufferNameOf = (
  { buffers }: Pick<LabPass, 'buffers'>,
  { name, group, binding }: { name: string; group: number; binding: number },
): string => buffers[name] ?? buffers[`@${group}.${binding}`] ?? name

/** What is right. */
export type LabCheck =
  | { kind: 'none' }
  /** The reference of a kernel of the library, with its own bound. */
  | { kind: 'library'; kernel: string }
  /** A TypeScript expression for element `i` (coordinates `at`) of the first output, or for the whole of it. */
  | { kind: 'expression'; text: string }
  /** A .npy file, as base64. */
  | { kind: 'file'; name: string; base64: string }

/** Everything that the lab knows of a piece of work: what a shared link carries. */
export interface LabSession {
  v: 1
  name: string
  programs: readonly { name: string; text: string }[]
  passes: readonly LabPass[]
  buffers: readonly LabBuffer[]
  /** Dimensions and tuning numbers that expressions name. */
  numbers: Readonly<Record<string, number>>
  /** u32 from which random buffers are made. */
  seed: number
  check: LabCheck
  /** How far a float may be from the reference, units in the last place; integers must be equal. */
  toleranceUlp: number
  /** Operations of one run, for GFLOP/s; empty where nobody said. */
  operations: Expression
  /** Values to try of overrides and numbers: `8, 16, 32`. */
  sweep: Readonly<Record<string, string>>
}

/** Expressions of the library's convolutions are long. */
const text = z.string().check(z.maxLength(2000))
const name = z.string().check(z.minLength(1), z.maxLength(100))
/** Empty while none is chosen. */
const fileName = z.string().check(z.maxLength(255))
const expressions = z.record(name, text)
const base64 = z.string().check(z.maxLength(64 * 1024 * 1024), z.regex(/^[A-Za-z0-9+/]*={0,2}$/))

const fill = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('random'), low: z.optional(z.number()), high: z.optional(z.number()) }),
  z.object({ kind: z.literal('ramp') }),
  z.object({ kind: z.literal('zeros') }),
  z.object({ kind: z.literal('library'), kernel: name }),
  z.object({ kind: z.literal('file'), name: fileName, base64 }),
])

const check = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('library'), kernel: name }),
  z.object({ kind: z.literal('expression'), text: z.string().check(z.maxLength(20_000)) }),
  z.object({ kind: z.literal('file'), name: fileName, base64 }),
])

/** The decoder of a job file's `lab`. */
export const labReference = z.object({ check, numbers: z.record(name, z.number()) })

/** The decoder of what comes from a link or a file. */
export const labSession = z.object({
  v: z.literal(1),
  name,
  programs: z
    .array(z.object({ name, text: z.string().check(z.maxLength(1_000_000)) }))
    .check(z.minLength(1), z.maxLength(16)),
  passes: z
    .array(
      z.object({
        program: z.number().check(z.int(), z.gte(0), z.lt(16)),
        entryPoint: text,
        buffers: z.record(name, name),
        uniforms: z.record(name, expressions),
        overrides: expressions,
        constants: expressions,
        dispatch: z.tuple([text, text, text]),
      }),
    )
    .check(z.minLength(1), z.maxLength(256)),
  buffers: z
    .array(
      z.object({
        name,
        datatype: z.enum(Object.keys(datatypes) as [Datatype, ...Datatype[]]),
        shape: z.array(text).check(z.maxLength(8)),
        role: z.enum(['input', 'output', 'scratch']),
        fill,
      }),
    )
    .check(z.maxLength(64)),
  numbers: z.record(name, z.number()),
  seed: z.number().check(z.int(), z.gte(0), z.lte(0xffffffff)),
  check,
  toleranceUlp: z.number().check(z.gte(0)),
  operations: text,
  sweep: expressions,
})

/** A session from a link or a file; null when it is none. */
export function readSession(value: unknown): LabSession | null {
  const read = labSession.safeParse(value)
  if (!read.success) return null
  const session = read.data satisfies LabSession
  return session.passes.every(({ program }) => program < session.programs.length) ? session : null
}
