import { expect, it } from 'vitest'
import { kernelLimits } from '../../../protocol/kernel/kernelProgram.ts'
import { describeSession } from '../describeSession.ts'
import { kernelJobsOf } from '../kernelJobs.ts'
import { planSession } from '../planSession.ts'
import { readDeclarations } from '../readDeclarations.ts'
import { readSession } from '../session.ts'
import { judgeKernel } from './judgeKernel.ts'
import { templateNames, templateOf } from './templates.ts'

const templates = templateNames().flatMap(({ kernel, variants }) =>
  variants.map((variant) => [kernel, variant] as const),
)

it('there is a template for every kernel of the library, and none for others', () => {
  expect(templates.length).toBeGreaterThan(100)
  expect(templateOf('transpose', 'no such variant')).toBeNull()
  expect(templateOf('no such kernel', 'alone')).toBeNull()
})

it.each(templates)('%s %s is a session without a fault, and passes the gate', (kernel, variant) => {
  const template = templateOf(kernel, variant)!
  expect(readSession(JSON.parse(JSON.stringify(template)))).toEqual(template)
  const reflected = template.programs.map(({ text }) => readDeclarations(text))
  // Nothing is missing in the description: reflection adds no buffer and no uniform.
  const session = describeSession(template, reflected)
  expect(session.buffers).toEqual(template.buffers)
  expect(session.passes.map(({ uniforms }) => uniforms)).toEqual(
    template.passes.map(({ uniforms }) => uniforms),
  )
  const { plan, faults } = planSession(session, reflected)
  expect(faults).toEqual([])
  const refusals = kernelJobsOf(session, reflected, plan)
    .map((job) => judgeKernel(job, kernelLimits))
    .flatMap((answer) => (answer.ok ? [] : answer.refusals))
  expect(refusals).toEqual([])
})
