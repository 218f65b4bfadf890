import type { CheckedKernel } from '../../protocol/kernel/checkKernel.ts'
import type { KernelBinding, KernelProgram } from '../../protocol/kernel/kernelProgram.ts'
import { type LabPlan, shapeOf } from './planSession.ts'
import type { ProgramDeclarations } from './readDeclarations.ts'
import type { LabSession } from './session.ts'

/** Every pass as the job that it would be elsewhere: what the gate judges. */
export function kernelJobsOf(
  session: LabSession,
  reflected: readonly (ProgramDeclarations | null)[],
  plan: LabPlan,
  point: Readonly<Record<string, number>> = {},
): KernelProgram[] {
  return plan.passes.map((pass, at) => {
    const variables = reflected[pass.program]?.bindings ?? []
    const bindings = pass.bindings.map((planned): KernelBinding => {
      const place = { group: planned.group, binding: planned.binding }
      if (planned.space === 'uniform') {
        const { name } = variables.find(
          ({ group, binding }) => group === planned.group && binding === planned.binding,
        )!
        return { name, ...place, type: 'uniform', datatype: 'UINT32', shape: [planned.bytes.byteLength / 4] }
      }
      const buffer = session.buffers.find(({ name }) => name === planned.buffer)
      return {
        name: planned.buffer,
        ...place,
        type: planned.space === 'read' ? 'read-only-storage' : 'storage',
        datatype: buffer?.datatype ?? 'UINT32',
        shape: shapeOf(session, planned.buffer, point) ?? [],
      }
    })
    return {
      program: plan.programs[pass.program]!,
      entryPoint: session.passes[at]!.entryPoint,
      bindings,
      overrides: pass.constants,
      dispatch: pass.dispatch,
    }
  })
}

/** The plan with the gate's programs in place of the person's: loops end, and say so. */
export function boundPlan(plan: LabPlan, checked: readonly CheckedKernel[]): LabPlan {
  const programs = [...new Set(checked.map(({ program }) => program))]
  return {
    ...plan,
    programs,
    passes: plan.passes.map((pass, at) => ({
      ...pass,
      program: programs.indexOf(checked[at]!.program),
      mark: checked[at]!.mark,
    })),
  }
}
