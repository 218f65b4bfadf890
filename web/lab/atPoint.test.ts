import { expect, it } from 'vitest'
import { atPoint } from './atPoint.ts'
import { firstKernel } from './firstKernel.ts'
import { planSession } from './planSession.ts'
import { readDeclarations } from './readDeclarations.ts'

const reflected = firstKernel.programs.map(({ text }) => readDeclarations(text))
const [pass] = firstKernel.passes

it('a number takes its value, and an override that names it stays as it is', () => {
  const { numbers, passes } = atPoint(firstKernel, { lanes: 32 })
  expect(numbers).toEqual({ ...firstKernel.numbers, lanes: 32 })
  expect(passes).toEqual(firstKernel.passes)
})

it.each(['64', '2 * n'])('an override of its own value, %s, takes the point’s', (lanes) => {
  const session = { ...firstKernel, passes: [{ ...pass!, overrides: { lanes } }] }
  expect(atPoint(session, { lanes: 32 }).passes[0]!.overrides).toEqual({ lanes: '32' })
})

it('the session at a point has the plan that the sweep had there', () => {
  const point = { n: 500, lanes: 32 }
  const { plan } = planSession(firstKernel, reflected, point)
  expect(planSession({ ...firstKernel, ...atPoint(firstKernel, point) }, reflected).plan).toEqual(plan)
})
