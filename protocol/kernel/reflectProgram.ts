/// <reference path="./wgslReflect.d.ts" />
import { ResourceType, type VariableInfo, WgslParser, WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js'
import type { WgslToken } from './wgslText.ts'

export interface ReflectedBuffer {
  name: string
  group: number
  binding: number
  type: 'uniform' | 'read-only-storage' | 'storage'
  /** Bytes that a bound buffer has at least; 0 where that is not known. */
  leastBytes: number
}

export interface ReflectedProgram {
  /** Names of the program's compute shaders. */
  entryPoints: string[]
  /** Buffers that the entry point can reach. */
  buffers: ReflectedBuffer[]
  /** What it binds that is no buffer: textures, samplers. */
  others: string[]
}

/** What the parser made of a program: its parts, or a sentence and the line (from 1) where it could not go on. */
export type Reflection = { program: ReflectedProgram } | { line: number; message: string }

/** Names that anyone may use, but which wgsl_reflect 1.6.0 takes for words of its own wherever they stand. */
const TAKEN = /^(?:block|function|immediate|private|read|read_write|storage|uniform|workgroup|write)$/

/** What it looks up in objects of JavaScript finds what these have of themselves (1.6.0). */
const isTaken = (name: string): boolean => TAKEN.test(name) || name in Object.prototype

const plainName = (name: string): string => (isTaken(name) ? `${name}_` : name)

/** The program with such names marked, where they do not stand in a template such as `var<storage, read_write>`. */
function withPlainNames(code: string, tokens: readonly WgslToken[]): string {
  let plain = ''
  let done = 0
  for (const [i, { text, at }] of tokens.entries()) {
    if (!isTaken(text)) continue
    const [before, after] = [tokens[i - 1]?.text ?? '', tokens[i + 1]?.text ?? '']
    const inTemplate =
      (before === '<' && (after === ',' || after.startsWith('>'))) ||
      (before === ',' && after.startsWith('>'))
    if (inTemplate) continue
    plain += code.slice(done, at) + plainName(text)
    done = at + text.length
  }
  return plain + code.slice(done)
}

/** Reads a program by wgsl_reflect, which throws errors, strings and TypeErrors alike. */
export function reflectProgram(code: string, tokens: readonly WgslToken[], entryPoint: string): Reflection {
  const parser = new WgslParser()
  const reflect = new WgslReflect()
  try {
    reflect.updateAST(parser.parse(withPlainNames(code, tokens)))
    const entryPoints = reflect.entry.compute.map(({ name }) => name)
    const wanted = plainName(entryPoint)
    const resources = reflect.entry.compute.find(({ name }) => name === wanted)?.resources ?? []
    return {
      program: {
        entryPoints: entryPoints.map((name) => (name === wanted ? entryPoint : name)),
        buffers: resources.filter(isBuffer).map(bufferOf),
        others: resources.filter((resource) => !isBuffer(resource)).map(({ name }) => name),
      },
    }
  } catch (error) {
    return failureOf(parser, error)
  }
}

const isBuffer = ({ resourceType }: VariableInfo): boolean =>
  resourceType === ResourceType.Uniform || resourceType === ResourceType.Storage

const bufferOf = ({ name, group, binding, resourceType, access, size }: VariableInfo): ReflectedBuffer => ({
  name,
  group: Number(group),
  binding: Number(binding),
  type:
    resourceType === ResourceType.Uniform
      ? 'uniform'
      : access === 'read_write'
        ? 'storage'
        : 'read-only-storage',
  leastBytes: Number.isFinite(size) ? size : 0,
})

function failureOf(parser: WgslParser, error: unknown): { line: number; message: string } {
  if (error instanceof RangeError) return { line: 1, message: 'It is nested too deeply.' }
  const said = error instanceof Error && !(error instanceof TypeError) ? error.message : ''
  const told = /^(.*?)\.*\s*Line:\s*(\d+)/s.exec(said)
  const near = parser._tokens?.[Math.min(parser._current ?? 0, (parser._tokens?.length ?? 1) - 1)]
  const line = Number(told?.[2] ?? near?.line ?? 1)
  return { line: Math.max(1, line), message: told?.[1] ? `${told[1]}.` : 'This is not understood.' }
}
