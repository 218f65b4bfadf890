/// <reference path="./wgslReflect.d.ts" />
import { describe, expect, it } from 'vitest'
import { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js'
import { libraryPrograms } from '../../shaders/fixtureLibraryPrograms.ts'
import { programTypes } from './programTypes.ts'
import { tokensOf, withoutComments } from './wgslText.ts'

/** Bytes of the type of `x` in a program that ends with `var x: TYPE;`. */
function bytesOf(type: string, before = ''): number | undefined {
  const tokens = tokensOf(`${before} var x: ${type};`)
  const from = tokens.findLastIndex(({ text }) => text === 'x') + 2
  return programTypes(tokens, (name) => (name === 'N' ? 5 : undefined)).at(from)?.type.bytes
}

/** It takes some names of programs for words of its own (1.6.0), and then reads nothing. */
function structsOf(code: string): readonly { name: string; size: number }[] {
  try {
    return new WgslReflect(code).structs
  } catch {
    return []
  }
}

describe('the size of a type', () => {
  for (const [type, bytes, before] of [
    ['u32', 4],
    ['f16', 2],
    ['vec3f', 12],
    ['vec3<f16>', 6],
    ['vec4<u32>', 16],
    ['mat3x3f', 48],
    ['mat2x4<f16>', 16],
    ['atomic<u32>', 4],
    ['array<vec3f, 4>', 64],
    ['array<array<u32, N>, N - 2>', 60],
    ['array<vec2<u32>, (N),>', 40],
    ['ptr<function, array<u32, 9>>', 0],
    ['array<u32, M>', Number.POSITIVE_INFINITY],
    ['array<u32, 0>', Number.POSITIVE_INFINITY],
    ['A', 16, 'struct A { a: vec3f, b: f32 }'],
    ['A', 32, 'struct A { a: f32, b: vec3f, }'],
    ['A', 64, 'struct A { a: f32, @align(32) @size(16) b: f32, c: f32 }'],
    ['array<B, 2>', 320, 'alias B = array<A, N>; struct A { a: vec4f, c: array<u16_, 2> } alias u16_ = u32;'],
  ] as const)
    it(`(${before ?? ''} ${type}) is ${bytes} bytes`, () => {
      expect(bytesOf(type, before)).toBe(bytes)
    })

  it('is not known of what is none', () => {
    expect(bytesOf('texture_2d<f32>')).toBeUndefined()
    expect(bytesOf('array<C, 3>')).toBeUndefined()
  })

  it('is what another reader finds for the structs of the library', () => {
    let structs = 0
    for (const text of new Set(libraryPrograms.map(({ program }) => program))) {
      const plain = withoutComments(text)
      if ('refusal' in plain) throw new Error(plain.refusal.message)
      const tokens = tokensOf(plain.code)
      const types = programTypes(tokens, () => undefined)
      for (const { name, size } of structsOf(plain.code)) {
        const use = tokens.findIndex(({ text: of }, i) => of === name && tokens[i - 1]?.text !== 'struct')
        const bytes = types.at(use)?.type.bytes
        if (bytes === undefined || bytes === Number.POSITIVE_INFINITY || !Number.isFinite(size)) continue
        expect(`${name} ${bytes}`).toBe(`${name} ${size}`)
        structs++
      }
    }
    expect(structs).toBeGreaterThan(20)
  })
})
