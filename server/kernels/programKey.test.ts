import { expect, it } from 'vitest'
import { doubling } from './fixtureKernel.ts'
import { programKey } from './programKey.ts'

const { program } = doubling
const key = programKey(program)

it('is the same for a program with other white space and comments', () => {
  expect(programKey(`${program} `)).toBe(key)
  expect(programKey(program.replace('2f *', '2f\n/* twice */ *'))).toBe(key)
  expect(programKey(`// ${program.split('\n')[0]}\n${program}`)).toBe(key)
})

it('is the same for a program with other names of its own', () => {
  const renamed = program
    .replace('fn main', 'fn twice')
    .replaceAll('id.x', 'place.x')
    .replace(') id:', ') place:')
    .replaceAll(/\by\b/g, 'result')
  expect(renamed).toContain('result[place.x] = 2f * x[place.x]')
  expect(programKey(renamed)).toBe(key)
  const members = (name: string): string =>
    `struct S { ${name}: f32, last: vec2f } fn f(s: S) -> f32 { return s.${name}; }`
  expect(programKey(members('a1'))).toBe(programKey(members('other')))
  const names = (name: string): string => `var<private> ${name} = 1u; fn f() { let ${name}2 = ${name}; }`
  expect(programKey(names('a'))).toBe(programKey(names('b')))
})

it('is another one for other work', () => {
  const others = [
    program.replace('2f *', '3f *'),
    program.replace('2f *', '2f +'),
    program.replace('2f * x[id.x]', 'exp(x[id.x])'),
    program.replace('2f * x[id.x]', 'log(x[id.x])'),
    program.replace('x[id.x];', 'x[id.y];'),
    program.replace('2f * x[id.x]', '2f * y[id.x]'),
  ]
  expect(new Set([key, ...others.map(programKey)]).size).toBe(others.length + 1)
})
