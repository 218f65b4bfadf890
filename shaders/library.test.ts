import { describe, expect, it } from 'vitest'
import { kernelCodes } from '../protocol/task.ts'
import { operationsOf } from './canonicalCost.ts'
import { argumentsOf, passText, uniformsOf, writesOf } from './kernel.ts'
import { descriptorText, kernelLibrary, kernelNamed, libraryKernels } from './library.ts'
import { namesIn, type Size } from './size.ts'

const names = Object.keys(kernelCodes) as (keyof typeof kernelCodes)[]

describe('the kernel library', () => {
  it('holds every kernel of the protocol under its own name', () => {
    expect(Object.keys(kernelLibrary).sort()).toEqual([...names].sort())
    for (const name of names) expect(kernelNamed(name)).toBe(kernelLibrary[name])
  })

  it('has no two kernels of one name', () => {
    const all = libraryKernels.map(({ name }) => name)
    expect([...new Set(all)]).toEqual(all)
  })

  it('costs two operations for each multiply-add', () => {
    for (const name of names) {
      expect(operationsOf(kernelLibrary[name], { m: 1, k: 1, n: 1 })).toBe(2)
      expect(operationsOf(kernelLibrary[name], { m: 1024, k: 1024, n: 1024 })).toBe(2 ** 31)
    }
  })

  it('puts every program and the whole descriptor into the text that is hashed', () => {
    for (const kernel of libraryKernels) {
      const parsed: unknown = JSON.parse(descriptorText(kernel.name))
      expect(parsed).toEqual(kernel)
    }
  })

  it('keeps the hashes that receipts of matrix products name', async () => {
    const hashes = await Promise.all(names.map((name) => sha256(descriptorText(name))))
    expect(hashes).toEqual([
      '6f02312c7a2a78558ac6828834dfcce8bac4cf1c4d1dc0138b55bd261f43b1ea',
      'f56ce559bfa87a769fa1918786e3e0f7821126cddce5a54b51079b55cf13baa2',
    ])
  })

  for (const kernel of libraryKernels) {
    describe(kernel.name, () => {
      it('has a struct of uniforms with the fields that the descriptor names', () => {
        const wanted = uniformsOf(kernel).map(({ name, type }) => `${name}: ${type}`)
        for (const variant of kernel.variants) {
          for (const pass of variant.passes) {
            const struct = /struct Task \{([^}]*)\}/.exec(passText(kernel, pass))![1]!
            const fields = [...struct.matchAll(/^ {2}(\w+: \w+),$/gm)].map(([, field]) => field)
            expect(fields).toEqual(wanted)
          }
        }
      })

      it('names nothing in its expressions that no argument, tuning or constant has', () => {
        const known = argumentsOf(kernel).map(({ name }) => name)
        const sizes: Size[] = [kernel.operations, ...kernel.tensors.flatMap(({ shape }) => shape)]
        expect(known).toEqual(expect.arrayContaining(sizes.flatMap(namesIn)))
        for (const { tuning = {}, scratch, passes } of kernel.variants) {
          const tuned = [...known, ...Object.keys(tuning)]
          expect(tuned).toEqual(
            expect.arrayContaining(scratch.flatMap(({ shape }) => shape.flatMap(namesIn))),
          )
          for (const { rows, columns, perWorkgroup, cellOperations, overrides, constants = {} } of passes) {
            const ofPass = [rows, columns, perWorkgroup.rows, perWorkgroup.columns, cellOperations]
            const ofUniforms = uniformsOf(kernel).flatMap(({ value }) =>
              typeof value === 'object' && ('band' in value || 'seedOf' in value) ? [] : [value],
            )
            const named = [...ofPass, ...Object.values(overrides), ...ofUniforms].flatMap(namesIn)
            expect([...tuned, ...Object.keys(constants)]).toEqual(expect.arrayContaining(named))
            expect(tuned).toEqual(expect.arrayContaining(Object.values(constants).flatMap(namesIn)))
          }
        }
      })
    })

    describe.each(kernel.variants.map((variant) => [variant.name, variant] as const))(
      `${kernel.name}, variant %s`,
      (_, variant) => {
        const known = new Set([...kernel.tensors, ...variant.scratch].map((tensor) => tensor.name))

        it('names only programs and tensors that there are, and only overrides that its program has', () => {
          for (const pass of variant.passes) {
            for (const name of [...pass.reads, ...writesOf(pass)]) expect(known).toContain(name)
            for (const name of pass.programs) expect(kernel.programs).toHaveProperty(name)
            const text = passText(kernel, pass)
            for (const name of Object.keys(pass.overrides)) expect(text).toContain(`override ${name}:`)
            expect(text).toContain(`fn ${pass.entryPoint}(`)
          }
        })

        it('asks for the features that its programs enable or require', () => {
          const texts = variant.passes.flatMap((pass) => pass.programs.map((name) => kernel.programs[name]!))
          const named = (word: string) => [
            ...new Set(
              texts.flatMap((text) =>
                [...text.matchAll(new RegExp(`^${word} (\\w+);`, 'gm'))].map(([, name]) => name),
              ),
            ),
          ]
          const features = named('enable').map((name) => (name === 'f16' ? 'shader-f16' : name))
          expect(variant.needs.features).toEqual(features)
          expect(variant.needs.languageFeatures).toEqual(named('requires'))
        })

        it('writes each output', () => {
          const written = variant.passes.filter(({ step }) => step === 'compute').flatMap(writesOf)
          for (const { name, role } of kernel.tensors) if (role === 'output') expect(written).toContain(name)
        })

        it('binds no more buffers to a pass than every device has', () => {
          for (const pass of variant.passes) {
            expect(pass.reads.length + writesOf(pass).length).toBeLessThanOrEqual(8)
          }
        })
      },
    )
  }
})

async function sha256(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))).toString('hex')
}
