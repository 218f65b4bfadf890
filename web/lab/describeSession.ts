import type { ProgramBinding, ProgramDeclarations, UniformLeaf } from './readDeclarations.ts'
import { bufferNameOf, type LabBuffer, type LabPass, type LabSession } from './session.ts'

/** Elements of a buffer that nobody described. */
const FIRST_ELEMENTS = '1024'

/**
 * The session with what its programs declare and it does not yet describe: buffers, fields of uniforms, overrides
 * without an initial value, and an entry point. What is described stays, also when it is not declared for a moment.
 * @param reflected one for each program; null where a program cannot be read
 */
export function describeSession(
  session: LabSession,
  reflected: readonly (ProgramDeclarations | null)[],
): LabSession {
  const buffers = [...session.buffers]
  const passes = session.passes.map((pass) => {
    const program = reflected[pass.program]
    return program ? describePass(pass, program, buffers) : pass
  })
  const same =
    buffers.length === session.buffers.length && passes.every((pass, at) => pass === session.passes[at])
  return same ? session : { ...session, buffers, passes }
}

function describePass(pass: LabPass, program: ProgramDeclarations, buffers: LabBuffer[]): LabPass {
  let described = pass
  const names = program.entryPoints.map(({ name }) => name)
  const first = names[0]
  if (first !== undefined && !names.includes(pass.entryPoint)) described = { ...described, entryPoint: first }
  for (const binding of program.bindings) {
    if (binding.space === 'uniform') described = withUniforms(described, binding)
    else if (binding.space !== 'other') {
      const name = bufferNameOf(pass, binding)
      if (!buffers.some((buffer) => buffer.name === name)) buffers.push(bufferFor(binding, name))
    }
  }
  for (const { name, initial } of program.overrides) {
    if (Object.hasOwn(described.overrides, name)) continue
    const value = initial === null ? '1' : (/^\d+(?=u?$)/.exec(initial)?.[0] ?? '')
    described = { ...described, overrides: { ...described.overrides, [name]: value } }
  }
  return described
}

function withUniforms(pass: LabPass, { name, group, binding, leaves }: ProgramBinding): LabPass {
  const known = pass.uniforms[name] ?? {}
  /** Words of a job file, by place. */
  const words = pass.uniforms[`@${group}.${binding}`] ?? {}
  const missing = leaves.filter(({ path }) => !Object.hasOwn(known, path || 'value'))
  if (missing.length === 0) return pass
  const values = Object.fromEntries(missing.map((leaf) => [leaf.path || 'value', wordAt(words, leaf)]))
  return { ...pass, uniforms: { ...pass.uniforms, [name]: { ...known, ...values } } }
}

/** The value that a job file's words give a scalar; 0 where they say nothing. */
function wordAt(words: Readonly<Record<string, string>>, { type, offset }: UniformLeaf): string {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, Number(words[String(offset >> 2)] ?? 0))
  if (type === 'f32') return String(view.getFloat32(0))
  return String(type === 'i32' ? view.getInt32(0) : view.getUint32(0))
}

function bufferFor({ space, datatype, count, scalarsPerElement }: ProgramBinding, name: string): LabBuffer {
  return {
    name,
    datatype,
    shape: [count > 0 ? String(count * scalarsPerElement) : FIRST_ELEMENTS],
    role: space === 'read' ? 'input' : 'output',
    fill: { kind: space === 'read' ? 'random' : 'zeros' },
  }
}
