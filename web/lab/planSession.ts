/// <reference lib="esnext.float16" />
import type { EndMark } from '../../protocol/kernel/boundLoops.ts'
import { datatypes, elementCount } from '../../protocol/tensor.ts'
import { ExpressionError, evaluateExpression } from './expression.ts'
import { type LabWords, wordsOf } from './labWords.ts'
import { outsideOf } from './numberRange.ts'
import type { ProgramBinding, ProgramDeclarations } from './readDeclarations.ts'
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
  /** Id of the field on the page: `buffer.x.shape`, `pass.0.dispatch.x`. */
  field: string
  /** What the page calls that field. */
  label: LabWords
  words: LabWords
}

/** A field whose expression is worked out. */
interface ExpressionField extends Omit<Fault, 'words'> {
  text: string
  /** What it has to be: a count, or a value of a WGSL type (`u32`, `f32`; any number where it is another). */
  type: string
}

const axes = ['x', 'y', 'z'] as const

/** Works out every expression of a session. Numbers override those of the session: a sweep's point. */
export function planSession(
  session: LabSession,
  reflected: readonly (ProgramDeclarations | null)[],
  point: Readonly<Record<string, number>> = {},
): { plan: LabPlan; faults: readonly Fault[] } {
  const faults: Fault[] = []
  const outside = { ...session.numbers, ...point }
  const numberOf = ({ text, type, ...at }: ExpressionField, scope: Readonly<Record<string, number>>) => {
    try {
      const value = evaluateExpression(text, scope)
      const words = outsideOf(type, value)
      if (!words) return value
      faults.push({ ...at, words })
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      faults.push({ ...at, words: error.words })
    }
    return 0
  }
  for (const [at, { name }] of session.programs.entries()) {
    const program = reflected[at]
    if (program && program.entryPoints.length > 0) continue
    const words = wordsOf(program ? 'fault.noEntry' : 'fault.unread')
    faults.push({ field: `program.${at}`, label: wordsOf('lab.editor', { name }), words })
  }
  const used = new Set<string>()
  const passes = session.passes.map((pass, at) => {
    const program = reflected[pass.program]
    const scope: Record<string, number> = { ...outside }
    for (const [name, text] of Object.entries(pass.constants)) {
      const label = wordsOf('setup.constant', { name })
      scope[name] = numberOf({ field: `pass.${at}.constants.${name}`, label, text, type: '' }, outside)
    }
    const bindings = bindingsOf(program, pass.entryPoint).map((binding) =>
      planBinding(binding, pass, at, (field) => numberOf(field, scope), faults),
    )
    for (const binding of bindings) if (binding && binding.space !== 'uniform') used.add(binding.buffer)
    const constants: Record<string, number> = {}
    for (const { name, key, initial, type } of program?.overrides ?? []) {
      const text = name in point ? String(point[name]) : (pass.overrides[name] ?? '')
      if (text.trim() === '' && initial !== null) continue
      const label = wordsOf('setup.override', { name })
      constants[key] = numberOf({ field: `pass.${at}.override.${name}`, label, text, type }, scope)
    }
    const dispatch = pass.dispatch.map((text, axis) => {
      const label = wordsOf('setup.dispatch', { axis: axes[axis]! })
      return numberOf({ field: `pass.${at}.dispatch.${axes[axis]}`, label, text, type: 'size' }, scope)
    })
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
      const field = { field: `buffer.${name}.shape`, label: wordsOf('setup.shape', { name }), type: 'size' }
      const sizes = shape.map((text) => numberOf({ ...field, text }, outside))
      return { name, role, bytes: elementCount(sizes) * datatypes[datatype].bytes }
    })
  const bytes = buffers.reduce((sum, buffer) => sum + buffer.bytes, 0)
  if (bytes > MOST_BYTES) {
    const words = wordsOf('fault.memory', { bytes, most: MOST_BYTES })
    faults.push({ field: 'buffers', label: wordsOf('setup.buffers'), words })
  }
  return { plan: { programs: session.programs.map(({ text }) => text), buffers, passes }, faults }
}

/** The variables that an entry point reaches: two entry points of a program may use one place for different ones. */
function bindingsOf(
  program: ProgramDeclarations | null | undefined,
  entryPoint: string,
): readonly ProgramBinding[] {
  const uses = program?.entryPoints.find(({ name }) => name === entryPoint)?.uses
  const all = program?.bindings ?? []
  return uses ? all.filter(({ name }) => uses.includes(name)) : all
}

function planBinding(
  { name, group, binding, space, leaves, bytes, line }: ProgramBinding,
  pass: LabPass,
  at: number,
  numberOf: (field: ExpressionField) => number,
  faults: Fault[],
): PlannedBinding | null {
  if (space === 'other') {
    const label = wordsOf('messages.line', { line })
    faults.push({ field: `pass.${at}`, label, words: wordsOf('fault.texture', { name }) })
    return null
  }
  if (space !== 'uniform')
    return { group, binding, space, buffer: bufferNameOf(pass, { name, group, binding }) }
  const filled = new Uint8Array(Math.max(16, Math.ceil(bytes / 16) * 16))
  const view = new DataView(filled.buffer)
  for (const { path, type, offset } of leaves) {
    const value = numberOf({
      field: uniformField(at, name, path),
      label: wordsOf('setup.uniform', { name: path === '' ? name : `${name}.${path}`, type }),
      text: pass.uniforms[name]?.[path || 'value'] ?? '0',
      type,
    })
    if (type === 'f32') view.setFloat32(offset, value, true)
    else if (type === 'f16') view.setUint16(offset, halfBits(value), true)
    else view.setUint32(offset, value >>> 0, true)
  }
  return { group, binding, space, bytes: filled }
}

/** Id of the field of a scalar of a uniform variable. */
export const uniformField = (pass: number, variable: string, path: string): string =>
  `pass.${pass}.uniform.${variable}${path === '' ? '' : `.${path}`}`

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
