import { describe, expect, it } from 'vitest'
import { outlineOf } from './programOutline.ts'
import { programTypes } from './programTypes.ts'
import { programValues } from './programValues.ts'
import { bracketsOf, tokensOf } from './wgslText.ts'

const BEFORE = `
  struct S { a: array<u32, 50>, b: u32, c: array<array<u32, 10>, 7> }
  @group(0) @binding(0) var<storage, read_write> out: array<S>;
  var<private> s: S;
  var<workgroup> w: array<vec4f, 6>;
  const table = array(1u, 2u, 3u, 4u, 5u, 6u);
  fn given() -> array<u32, 20> { return array<u32, 20>(); }`

function valuesOf(body: string) {
  const code = `${BEFORE} fn main(n: u32, p: ptr<function, S>) { ${body} }`
  const tokens = tokensOf(code)
  const brackets = bracketsOf(code, tokens, 100)
  if ('refusal' in brackets) throw new Error(brackets.refusal.message)
  const outline = outlineOf(code, tokens, brackets.closes, () => undefined)
  if ('refusal' in outline) throw new Error(outline.refusal.message)
  const values = programValues(
    outline,
    brackets.closes,
    programTypes(tokens, () => undefined),
  )
  const from = outline.functions.get('main')!.token
  const words = [...values.words].reduce((sum, [at, count]) => (at > from ? sum + count : sum), 0)
  return { tokens, words, variables: values.variables }
}

describe('memory that a function moves', () => {
  for (const [body, words] of [
    ['let x = out[n].b;', 0],
    ['let x = s.a[n] + s.c[n][n];', 0],
    ['let x = w[n];', 0],
    ['let x = w[n].y * 2f;', 0],
    ['let q = &s;', 0],
    ['let q = &s.c; let x = (*q)[n][1];', 0],
    ['let x = (*p).a[3] + p.a[3];', 0],
    ['f(&s, n & s.b);', 0],
    ['var x = vec4f(1f);', 0],
    ['var x: S;', 121],
    ['let x = s;', 121],
    ['s = out[n];', 242],
    ['*p = s;', 242],
    ['(*p).a = s.a;', 100],
    ['let q = &s.c[n]; let r = *q;', 10],
    ['var x = s.c[n];', 20],
    ['var x = (s.c)[n];', 20],
    ['let v = s.c[n]; let y = v[n];', 20],
    ['let v = s.c[n]; let y = v[3];', 10],
    ['let x = table[n];', 6],
    ['let x = given()[n];', 20],
    ['let x = w; { let x = 1u; let y = x; } let y = x;', 48],
    ['let x = w; for (var x = 0u; x < 1u; x++) { let y = x; } let y = x;', 48],
    ['let x = workgroupUniformLoad(&w);', 24],
    ['let x = array(s.a, s.a);', 200],
  ] as const)
    it(`(${body}) is ${words} words`, () => {
      expect(valuesOf(body).words).toBe(words)
    })

  it('stands in variables whose types are given or not', () => {
    const { tokens, variables } = valuesOf(
      'var a = s; var b: u32; let c = given(); var d = (*p).c; var e = n;',
    )
    const told = variables.map(({ space, of, token, bytes }) => [space, of, tokens[token]!.text, bytes])
    expect(told).toEqual([
      ['private', null, 's', 484],
      ['workgroup', null, 'w', 96],
      ['private', null, 'table', 24],
      ['function', 'main', 'a', 484],
      ['function', 'main', 'c', 80],
      ['function', 'main', 'd', 280],
    ])
  })
})
