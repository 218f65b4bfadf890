import { describe, expect, it } from 'vitest'
import { libraryPrograms } from '../../shaders/fixtureLibraryPrograms.ts'
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
})
