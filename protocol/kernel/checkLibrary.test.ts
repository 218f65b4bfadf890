import { describe, expect, it } from 'vitest'
import { libraryPrograms, programsFor } from '../../shaders/fixtureLibraryPrograms.ts'
import { kernelSuites } from '../../shaders/kernelSuites.ts'
import { checkKernel } from './checkKernel.ts'

describe('the gate and the kernels of the library', () => {
  it('has all of them', () => {
    expect(libraryPrograms.length).toBeGreaterThan(200)
  })

  for (const [kernel, programs] of Map.groupBy(libraryPrograms, (program) => program.kernel)) {
    it(`lets every program of ${kernel} through`, () => {
      for (const program of programs) {
        const verdict = checkKernel(program)
        const refusals = verdict.ok ? [] : verdict.refusals
        expect(refusals, `${program.variant.name} ${program.entryPoint}`).toEqual([])
      }
    })
  }

  for (const { kernel, cases } of kernelSuites) {
    it(`lets every program of ${kernel.name} through at the shape of each case of its suite`, () => {
      const seen = new Set<string>()
      for (const { name, shape } of cases) {
        for (const program of programsFor(kernel, shape)) {
          const key = JSON.stringify([program.program, program.entryPoint, program.overrides])
          if (seen.has(key)) continue
          seen.add(key)
          const verdict = checkKernel(program)
          const refusals = verdict.ok ? [] : verdict.refusals
          expect(refusals, `${name}: ${program.variant.name} ${program.entryPoint}`).toEqual([])
        }
      }
    })
  }
})
