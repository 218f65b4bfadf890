import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkKernel } from '../../protocol/kernel/checkKernel.ts'
import { libraryPrograms } from '../../shaders/fixtureLibraryPrograms.ts'
import { canRun } from './chooseVariant.ts'
import { compileCustomKernel } from './customPipeline.ts'
import { type OpenedDevice, openDevice } from './openDevice.ts'

/** A software adapter compiles some programs for seconds, ms. */
const COMPILE_MS = 120_000

describe('the programs of the library, with their loops counted', () => {
  let opened: OpenedDevice
  beforeAll(async () => {
    opened = await openDevice()
  })
  afterAll(() => opened.device.destroy())

  for (const [kernel, programs] of Map.groupBy(libraryPrograms, (program) => program.kernel)) {
    it(`compile as before (${kernel})`, { timeout: COMPILE_MS }, async () => {
      let compiled = 0
      for (const program of programs) {
        if (!canRun(program.variant, opened.info)) continue
        const verdict = checkKernel(program)
        if (!verdict.ok) throw new Error(verdict.refusals[0]!.message)
        await compileCustomKernel(opened.device, program, verdict)
        compiled++
      }
      expect(compiled).toBeGreaterThan(0)
    })
  }
})
