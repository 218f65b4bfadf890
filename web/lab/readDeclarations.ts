import {
  type ArrayInfo,
  type MemberInfo,
  type TypeInfo,
  type VariableInfo,
  WgslReflect,
} from 'wgsl_reflect/wgsl_reflect.module.js'
import { MAX_PROGRAM_BYTES } from '../../protocol/kernel/kernelProgram.ts'
import { sizeFault, typeFault } from '../../protocol/kernel/programSize.ts'
import { readProgram } from '../../protocol/kernel/readProgram.ts'
import { reflectProgram } from '../../protocol/kernel/reflectProgram.ts'
import { tokensOf } from '../../protocol/kernel/wgslText.ts'
import type { Datatype } from '../../protocol/tensor.ts'
import { declarationsOf } from './declarations.ts'

/** A scalar inside a uniform variable. */
export interface UniformLeaf {
  /** Where it lies in the struct: `size.x`, `scales[2]`; empty for a variable that is a scalar. */
  path: string
  type: 'u32' | 'i32' | 'f32' | 'f16'
  /** Bytes from the start of the variable. */
  offset: number
}

/** A variable that a bind group fills. */
export interface ProgramBinding {
  name: string
  group: number
  binding: number
  /** `other` is a texture or a sampler, which the lab does not make. */
  space: 'uniform' | 'read' | 'read_write' | 'other'
  /** Type as it is written. */
  type: string
  /** Datatype of its scalars; UINT32 where it has several. */
  datatype: Datatype
  /** Scalars in an element of the array: 4 for vec4. */
  scalarsPerElement: number
  /** Elements of an array of fixed size; 0 where the size is open. */
  count: number
  /** Size of a uniform variable, bytes. */
  bytes: number
  leaves: readonly UniformLeaf[]
  /** Line of the declaration, from 1. */
  line: number
}

export interface ProgramOverride {
  name: string
  /** Key among a pipeline's constants: the name, or the @id. */
  key: string
  type: string
  /** As it is written; null where a value must be given. */
  initial: string | null
  line: number
}

export interface ProgramEntry {
  name: string
  /** As it is written: `lanes, 1, 1`. */
  workgroupSize: string
  line: number
  /** Names of the variables that it reaches; null while the program cannot be read whole. */
  uses: readonly string[] | null
}

/** What a program says about itself. */
export interface ProgramDeclarations {
  entryPoints: readonly ProgramEntry[]
  bindings: readonly ProgramBinding[]
  overrides: readonly ProgramOverride[]
}

/** Scalars of a uniform array past this number get no field. */
const MOST_LEAVES = 64
const scalarTypes: Readonly<Record<string, Datatype>> = {
  f32: 'FP32',
  f16: 'FP16',
  u32: 'UINT32',
  i32: 'INT32',
}

/** Reads the declarations of a program; null while they cannot be read, or would take long. */
export function readDeclarations(text: string): ProgramDeclarations | null {
  if (text.length > MAX_PROGRAM_BYTES) return null
  const plain = declarationsOf(text)
  const tokens = tokensOf(plain)
  if (sizeFault(plain, tokens) || typeFault(plain, tokens)) return null
  try {
    const reflect = new WgslReflect(plain)
    const variables = [
      ...reflect.uniforms,
      ...reflect.storage,
      ...reflect.textures,
      ...reflect.samplers,
    ] satisfies VariableInfo[]
    const bindings = variables
      .map((variable) => bindingOf(variable, plain))
      .sort((a, b) => a.group - b.group || a.binding - b.binding)
    return {
      entryPoints: reflect.entry.compute.map(({ name, startLine, attributes }) => ({
        name,
        workgroupSize: workgroupSizeOf(plain, name, attributes),
        line: lineOf(plain, new RegExp(`\\bfn\\s+${name}\\b`)) || startLine,
        uses: usesOf(text, name, bindings),
      })),
      bindings,
      overrides: reflect.overrides.map(({ name, type, id, attributes }) => {
        const declared = new RegExp(`\\boverride\\s+${name}\\b[^;=]*(?:=([^;]*))?;`)
        return {
          name,
          key: attributes?.some((attribute) => attribute.name === 'id') ? String(id) : name,
          type: type?.name ?? '',
          initial: declared.exec(plain)?.[1]?.trim() ?? null,
          line: lineOf(plain, declared),
        }
      }),
    }
  } catch {
    // Half-typed: the last description stays.
    return null
  }
}

/** The variables that an entry point reaches; by name only where several are declared at one place. */
function usesOf(text: string, entry: string, bindings: readonly ProgramBinding[]): string[] | null {
  const read = readProgram({ program: text, entryPoint: entry, overrides: {} })
  if ('refusal' in read) return null
  const reach = reflectProgram(read.code, read.tokens, entry)
  if (!('program' in reach) || reach.program.others.length > 0) return null
  const { buffers } = reach.program
  const at = (one: { group: number; binding: number }) => (other: { group: number; binding: number }) =>
    one.group === other.group && one.binding === other.binding
  return bindings
    .filter((binding) => {
      const reached = buffers.filter(at(binding))
      const alone = bindings.filter(at(binding)).length === 1
      return alone ? reached.length > 0 : reached.some(({ name }) => name === binding.name)
    })
    .map(({ name }) => name)
}

function bindingOf(variable: VariableInfo, text: string): ProgramBinding {
  const { name, group, binding, type, access } = variable
  const uniform = variable.resourceType === 0
  const storage = variable.resourceType === 1
  const leaves = uniform ? leavesOf(type, '', 0) : []
  const element = type.isArray ? (type as ArrayInfo).format : type
  const scalar = scalarOf(element)
  return {
    name,
    group,
    binding,
    space: uniform
      ? 'uniform'
      : !storage
        ? 'other'
        : access === 'read' || access === ''
          ? 'read'
          : 'read_write',
    type: type.getTypeName().replace(', 0>', '>'),
    datatype: scalarTypes[scalar] ?? 'UINT32',
    scalarsPerElement: Math.max(1, Math.round(element.size / (scalar === 'f16' ? 2 : 4))),
    count: type.isArray ? (type as ArrayInfo).count : 1,
    bytes: type.size,
    leaves: leaves.slice(0, MOST_LEAVES),
    line: lineOf(text, new RegExp(`\\bvar\\s*<[^>]*>\\s*${name}\\b|\\bvar\\s+${name}\\b`)),
  }
}

/** The scalar that a type is made of; empty where it is a struct. */
function scalarOf(type: TypeInfo): string {
  if (type.isStruct) return ''
  const format = 'format' in type ? (type.format as TypeInfo | null) : null
  if (format) return scalarOf(format)
  const suffix = /^(?:vec[234]|mat[234]x[234])([fhiu])$/.exec(type.name)?.[1]
  return suffix ? { f: 'f32', h: 'f16', i: 'i32', u: 'u32' }[suffix]! : type.name
}

const axes = ['x', 'y', 'z', 'w']

function leavesOf(type: TypeInfo, path: string, offset: number): UniformLeaf[] {
  if (type.isStruct) {
    const members = (type as unknown as { members: MemberInfo[] }).members
    return members.flatMap((member) =>
      leavesOf(member.type, path === '' ? member.name : `${path}.${member.name}`, offset + member.offset),
    )
  }
  if (type.isArray) {
    const { format, count, stride } = type as ArrayInfo
    const shown = Math.min(count, MOST_LEAVES)
    return Array.from({ length: shown }, (_, at) =>
      leavesOf(format, `${path}[${at}]`, offset + at * stride),
    ).flat()
  }
  const scalar = scalarOf(type) as UniformLeaf['type']
  if (!Object.hasOwn(scalarTypes, scalar)) return []
  const width = Number(/^vec([234])/.exec(type.name)?.[1] ?? 1)
  const bytes = scalar === 'f16' ? 2 : 4
  if (width === 1) return [{ path, type: scalar, offset }]
  return axes.slice(0, width).map((axis, at) => ({
    path: path === '' ? axis : `${path}.${axis}`,
    type: scalar,
    offset: offset + at * bytes,
  }))
}

/** Line of the first match, from 1; 0 where there is none. */
function lineOf(text: string, pattern: RegExp): number {
  const at = text.search(pattern)
  return at < 0 ? 0 : text.slice(0, at).split('\n').length
}

function workgroupSizeOf(text: string, entry: string, attributes: { name: string }[] | null): string {
  if (!attributes?.some(({ name }) => name === 'workgroup_size')) return ''
  const head = text.slice(0, text.search(new RegExp(`\\bfn\\s+${entry}\\b`)))
  return /.*@workgroup_size\s*\(([^)]*)\)/s.exec(head)?.[1]?.trim() ?? ''
}
