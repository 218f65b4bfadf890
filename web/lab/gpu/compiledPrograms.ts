import type { ProgramMessage } from './labGpuApi.ts'

/** Modules that are kept: the versions of a few minutes' typing, and all passes of one kernel. */
const MOST_KEPT = 512

/** Compiled modules by their text. */
export interface CompiledPrograms {
  moduleOf(text: string): GPUShaderModule
  /** What the compiler says of programs, in their order. */
  messagesOf(programs: readonly string[]): Promise<ProgramMessage[]>
}

interface Compiled {
  module: GPUShaderModule
  /** Asked for once: Chromium 156 does not answer a second getCompilationInfo of a module. */
  info: Promise<GPUCompilationInfo>
}

export function createCompiledPrograms(device: GPUDevice): CompiledPrograms {
  const kept = new Map<string, Compiled>()

  function compiled(text: string): Compiled {
    const known = kept.get(text)
    if (known) return known
    // A module with an error raises a validation error of its own besides its messages.
    device.pushErrorScope('validation')
    const module = device.createShaderModule({ label: 'lab', code: text })
    const made = { module, info: module.getCompilationInfo() }
    device.popErrorScope().catch(() => null)
    kept.set(text, made)
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!)
    return made
  }
  return {
    moduleOf: (text) => compiled(text).module,
    async messagesOf(programs) {
      const infos = await Promise.all(programs.map((text) => compiled(text).info))
      return infos.flatMap(({ messages }, program) =>
        messages.map(({ type, message, lineNum, linePos, length }) => ({
          program,
          type,
          text: message,
          place: lineNum > 0 ? { line: lineNum, column: Math.max(1, linePos), length } : null,
        })),
      )
    },
  }
}
