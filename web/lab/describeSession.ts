import type { ProgramBinding, ReflectedProgram } from './reflectProgram.ts'
import type { LabBuffer, LabPass, LabSession } from './session.ts'

/** Elements of a buffer that nobody described. */
const FIRST_ELEMENTS = '1024'

/**
 * The session with what its programs declare and it does not yet describe: buffers, fields of uniforms, overrides
 * without an initial value, and an entry point. What is described stays, also when it is not declared for a moment.
 * @param reflected one for each program; null where a program cannot be read
 */
export function describeSession(
  session: LabSession,
  reflected: readonly (ReflectedProgram | null)[],
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

function describePass(pass: LabPass, program: ReflectedProgram, buffers: LabBuffer[]): LabPass {
  let described = pass
  const names = program.entryPoints.map(({ name }) => name)
  const first = names[0]
  if (first !== undefined && !names.includes(pass.entryPoint)) described = { ...described, entryPoint: first }
  for (const binding of program.bindings) {
    if (binding.space === 'uniform') described = withUniforms(described, binding)
    else if (binding.space !== 'other') {
      const name = pass.buffers[binding.name] ?? binding.name
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

function withUniforms(pass: LabPass, { name, leaves }: ProgramBinding): LabPass {
  const known = pass.uniforms[name] ?? {}
  const missing = leaves.filter(({ path }) => !Object.hasOwn(known, path || 'value'))
  if (missing.length === 0) return pass
  const values = Object.fromEntries(missing.map(({ path }) => [path || 'value', '0']))
  return { ...pass, uniforms: { ...pass.uniforms, [name]: { ...known, ...values } } }
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
