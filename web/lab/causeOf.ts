import type { RunTrouble } from './gpu/labGpuApi.ts'
import type { ProgramDeclarations } from './readDeclarations.ts'
import type { LabSession } from './session.ts'

/** What most likely caused a trouble. */
export interface Cause {
  program: number
  /** Line of the declaration, from 1. */
  line: number
}

/**
 * The declaration that a pipeline or validation error is about: the override, binding or entry point that the browser
 * names; else the entry point of the pass. Null where no program has to do with it.
 */
export function causeOf(
  { text, pass, buffer, step }: RunTrouble,
  session: Pick<LabSession, 'passes'>,
  reflected: readonly (ProgramDeclarations | null)[],
): Cause | null {
  if (step === 'buffer' && buffer !== null) {
    for (const [program, found] of reflected.entries()) {
      const binding = found?.bindings.find(({ name }) => name === buffer)
      if (binding) return { program, line: binding.line }
    }
    return null
  }
  const at = pass === null ? null : session.passes[pass]
  const program = at ? reflected[at.program] : null
  if (!at || !program) return null
  const named = (name: string): boolean => new RegExp(`["'\`(\\s]${name}["'\`),.:\\s]`).test(` ${text} `)
  const slot =
    /@?group\((\d+)\)[^@\d]{1,12}binding\((\d+)\)/.exec(text) ?? /binding (?:index )?(\d+)/i.exec(text)
  const binding = program.bindings.find((each) =>
    slot === null
      ? named(each.name)
      : slot.length > 2
        ? each.group === Number(slot[1]) && each.binding === Number(slot[2])
        : each.binding === Number(slot[1]),
  )
  const override = program.overrides.find(({ name, key }) => named(name) || (key !== name && named(key)))
  const entry = program.entryPoints.find(({ name }) => name === at.entryPoint)
  const line = override?.line || binding?.line || entry?.line || 0
  return line > 0 ? { program: at.program, line } : null
}
