import { describe, expect, it } from 'vitest'
import { kernelCodes } from '../protocol/task.ts'
import { operationsOf, sizeOf } from './kernel.ts'
import { descriptorText, kernelLibrary } from './library.ts'

const names = Object.keys(kernelCodes) as (keyof typeof kernelCodes)[]

describe('the kernel library', () => {
  it('holds every kernel of the protocol under its own name', () => {
    expect(Object.keys(kernelLibrary).sort()).toEqual([...names].sort())
    for (const name of names) expect(kernelLibrary[name].name).toBe(name)
  })

  it('costs two operations for each multiply-add', () => {
    for (const name of names) {
      expect(operationsOf(kernelLibrary[name], { m: 1, k: 1, n: 1 })).toBe(2)
      expect(operationsOf(kernelLibrary[name], { m: 1024, k: 1024, n: 1024 })).toBe(2 ** 31)
    }
  })

  it('puts every program and the whole descriptor into the text that is hashed', () => {
    for (const name of names) {
      const parsed: unknown = JSON.parse(descriptorText(name))
      expect(parsed).toEqual(kernelLibrary[name])
    }
  })

  for (const kernel of Object.values(kernelLibrary)) {
    for (const variant of kernel.variants) {
      describe(`${kernel.name}, variant ${variant.name}`, () => {
        const known = new Set([...kernel.tensors, ...variant.scratch].map((tensor) => tensor.name))

        it('names only programs and tensors that there are, and only overrides that its program has', () => {
          for (const pass of variant.passes) {
            for (const name of [...pass.reads, pass.writes]) expect(known).toContain(name)
            for (const name of pass.programs) expect(kernel.programs).toHaveProperty(name)
            const text = pass.programs.map((name) => kernel.programs[name]).join('\n')
            for (const name of Object.keys(pass.overrides)) expect(text).toContain(`override ${name}:`)
            expect(text).toContain(`fn ${pass.entryPoint}(`)
          }
        })

        it('asks for the features that its programs enable or require', () => {
          const texts = variant.passes.flatMap((pass) => pass.programs.map((name) => kernel.programs[name]!))
          const named = (word: string) =>
            texts.flatMap((text) =>
              [...text.matchAll(new RegExp(`^${word} (\\w+);`, 'gm'))].map(([, name]) => name),
            )
          expect(variant.needs.features).toEqual(named('enable'))
          expect(variant.needs.languageFeatures).toEqual(named('requires'))
        })

        it('writes each output', () => {
          const written = variant.passes.filter(({ step }) => step === 'compute').map(({ writes }) => writes)
          for (const { name, role } of kernel.tensors) if (role === 'output') expect(written).toContain(name)
        })
      })
    }
  }
})

describe('a size expression', () => {
  const shape = { m: 2, k: 5, n: 7 }
  it('counts numbers, dimensions, quotients rounded up and products', () => {
    expect(sizeOf(3, shape)).toBe(3)
    expect(sizeOf('k', shape)).toBe(5)
    expect(sizeOf({ ceilDiv: ['k', 4] }, shape)).toBe(2)
    expect(sizeOf({ ceilDiv: ['k', 5] }, shape)).toBe(1)
    expect(sizeOf({ times: [] }, shape)).toBe(1)
    expect(sizeOf({ times: ['m', { ceilDiv: ['n', 4] }, 10] }, shape)).toBe(40)
  })
})
