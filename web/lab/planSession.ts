/// <reference lib="esnext.float16" />
import type { EndMark } from '../../protocol/kernel/boundLoops.ts'
import { datatypes, elementCount } from '../../protocol/tensor.ts'
import { ExpressionError, evaluateExpression } from './expression.ts'
import type { ProgramBinding, ReflectedProgram } from './reflectProgram.ts'
import { bufferNameOf, type LabPass, type LabSession } from './session.ts'

/** Most bytes of one run's buffers. */
const MOST_BYTES = 1024 ** 3

/** What the GPU is asked to do: numbers only. */
export interface LabPlan {
  programs: readonly string[]
  buffers: readonly PlannedBuffer[]
  passes: readonly PlannedDispatch[]
}

export interface PlannedBuffer {
  name: string
  /** Bytes of the tensor, before the GPU's rounding. */
  bytes: number
  role: 'input' | 'output' | 'scratch'
}

export interface PlannedDispatch {
  program: number
  entryPoint: string
  /** By the pipeline's key: name or @id. */
  constants: Readonly<Record<string, number>>
  bindings: readonly PlannedBinding[]
  dispatch: readonly [number, number, number]
  /** Where the program says that its iterations were used up (u32, storage); absent where it does not. */
  mark?: EndMark | null
}

export type PlannedBinding =
  | { group: number; binding: number; space: 'uniform'; bytes: Uint8Array<ArrayBuffer> }
  | { group: number; binding: number; space: 'read' | 'read_write'; buffer: string }

/** A field of the description that cannot be used, and why. */
export interface Fault {
  /** Id of the field on the page: `buffer.x.shape`, `pass.0.dispatch`. */
  field: string
  message: string
}

/** Works out every expression of a session. Numbers override those of the session: a sweep's point. */
export function planSession(
  session: LabSession,
  reflected: readonly (ReflectedProgram | null)[],
  point: Readonly<Record<string, number>> = {},
): { plan: LabPlan; faults: readonly Fault[] } {
  const faults: Fault[] = []
  const outside = { ...session.numbers, ...point }
  const numberOf = (field: string, text: string, scope: Readonly<Record<string, number>>, whole = true) => {
    try {
      const value = evaluateExpression(text, scope)
      if (!whole || (Number.isSafeInteger(value) && value >= 0)) return value
      faults.push({ field, message: `${text} gives ${value}, which is no size` })
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      faults.push({ field, message: `${text.trim() || 'An expression'} ${error.message}` })
    }
    return 0
  }
  for (const [at, { name }] of session.programs.entries()) {
    if (!reflected[at])
      faults.push({ field: `program.${at}`, message: `The declarations of ${name} cannot be read` })
  }
  const used = new Set<string>()
  const passes = session.passes.map((pass, at) => {
    const program = reflected[pass.program]
    const scope: Record<string, number> = { ...outside }
    for (const [name, text] of Object.entries(pass.constants)) {
      scope[name] = numberOf(`pass.${at}.constants`, text, outside, false)
    }
    const bindings = (program?.bindings ?? []).map((binding) =>
      planBinding(binding, pass, `pass.${at}`, (field, text) => numberOf(field, text, scope, false), faults),
    )
    for (const binding of bindings) if (binding && binding.space !== 'uniform') used.add(binding.buffer)
    const constants: Record<string, number> = {}
    for (const { name, key, initial } of program?.overrides ?? []) {
      const text = name in point ? String(point[name]) : (pass.overrides[name] ?? '')
      if (text.trim() === '' && initial !== null) continue
      constants[key] = numberOf(`pass.${at}.override.${name}`, text, scope, false)
    }
    const dispatch = pass.dispatch.map((text) => numberOf(`pass.${at}.dispatch`, text, scope))
    return {
      program: pass.program,
      entryPoint: pass.entryPoint,
      constants,
      bindings: bindings.filter((binding) => binding !== null),
      dispatch: dispatch as unknown as PlannedDispatch['dispatch'],
    }
  })
  const buffers = session.buffers
    .filter(({ name }) => used.has(name))
    .map(({ name, shape, datatype, role }) => {
      const sizes = shape.map((text) => numberOf(`buffer.${name}.shape`, text, outside))
      return { name, role, bytes: elementCount(sizes) * datatypes[datatype].bytes }
    })
  const bytes = buffers.reduce((sum, buffer) => sum + buffer.bytes, 0)
  if (bytes > MOST_BYTES) faults.push({ field: 'buffers', message: `The buffers need ${bytes} bytes` })
  return { plan: { programs: session.programs.map(({ text }) => text), buffers, passes }, faults }
}

function planBinding(
  { name, group, binding, space, leaves, bytes }: ProgramBinding,
  pass: LabPass,
  field: string,
  numberOf: (field: string, text: string) => number,
  faults: Fault[],
): PlannedBinding | null {
  if (space === 'other') {
    faults.push({ field, message: `${name} is a texture or a sampler, which the lab does not make` })
    return null
  }
  if (space !== 'uniform')
    return { group, binding, space, buffer: bufferNameOf(pass, { name, group, binding }) }
  const filled = new Uint8Array(Math.max(16, Math.ceil(bytes / 16) * 16))
  const view = new DataView(filled.buffer)
  for (const { path, type, offset } of leaves) {
    const value = numberOf(`${field}.uniform.${name}`, pass.uniforms[name]?.[path || 'value'] ?? '0')
    if (type === 'f32') view.setFloat32(offset, value, true)
    else if (type === 'f16') view.setUint16(offset, halfBits(value), true)
    else view.setUint32(offset, value >>> 0, true)
  }
  return { group, binding, space, bytes: filled }
}

/** The 16 bits of the f16 nearest to a number. */
function halfBits(value: number): number {
  const half = new DataView(new ArrayBuffer(2))
  half.setFloat16(0, value)
  return half.getUint16(0)
}

/** Shape of a buffer, worked out; null while it has a fault. */
export function shapeOf(
  session: LabSession,
  name: string,
  point: Readonly<Record<string, number>> = {},
): number[] | null {
  const buffer = session.buffers.find((each) => each.name === name)
  try {
    return buffer?.shape.map((text) => evaluateExpression(text, { ...session.numbers, ...point })) ?? null
  } catch {
    return null
  }
}
