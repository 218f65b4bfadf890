import { describe, expect, it } from 'vitest'
import { argumentsOf, passText, scopeOf, uniformsOf, writesOf } from '../../shaders/kernel.ts'
import { libraryKernels } from '../../shaders/library.ts'
import { sizeOf } from '../../shaders/size.ts'
import { checkKernel } from './checkKernel.ts'
import type { KernelBinding } from './kernelProgram.ts'

const words = (
  name: string,
  binding: number,
  type: KernelBinding['type'],
  count = 65_536,
): KernelBinding => ({
  name: `${type} ${name}`,
  binding,
  type,
  datatype: 'UINT32',
  shape: [count],
})

describe('the gate and the kernels of the library', () => {
  for (const kernel of libraryKernels) {
    it(`lets every program of ${kernel.name} through`, () => {
      const shape = Object.fromEntries(
        argumentsOf(kernel).map(({ name, least, multipleOf = 1 }) => [
          name,
          Math.max(least, Math.ceil(64 / multipleOf) * multipleOf),
        ]),
      )
      for (const variant of kernel.variants) {
        for (const pass of variant.passes) {
          const scope = scopeOf(variant, shape, pass.constants)
          const verdict = checkKernel({
            program: passText(kernel, pass),
            entryPoint: pass.entryPoint,
            overrides: Object.fromEntries(
              Object.entries(pass.overrides).map(([name, value]) => [name, sizeOf(value, scope)]),
            ),
            bindings: [
              words('task', 0, 'uniform', uniformsOf(kernel).length),
              ...pass.reads.map((name, i) => words(name, i + 1, 'read-only-storage')),
              ...writesOf(pass).map((name, i) => words(name, pass.reads.length + i + 1, 'storage')),
            ],
            dispatch: [4, 4, 1],
          })
          const refusals = verdict.ok ? [] : verdict.refusals
          expect(refusals, `${variant.name} ${pass.entryPoint}`).toEqual([])
        }
      }
    })
  }
})
