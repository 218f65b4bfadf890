import { describe, expect, it } from 'vitest'
import { compileFault, compileParts } from './compileTime.ts'
import { MAX_COMPILE_MS } from './kernelProgram.ts'
import { outlineOf } from './programOutline.ts'
import { programTypes } from './programTypes.ts'
import { programValues } from './programValues.ts'
import { bracketsOf, tokensOf } from './wgslText.ts'

const BEFORE = `
  @group(0) @binding(0) var<storage, read_write> out: array<u32>;
  @group(0) @binding(1) var<storage, read> vectors: array<vec4f>;
  @group(0) @binding(2) var<uniform> sizes: array<vec4u, 8>;
  const table = array<u32, 500>();
  alias Whole = vec4u;
  struct S { a: array<vec4f, 4>, b: f32 }`

function read(body: string, before = '') {
  const tokens = tokensOf(`${BEFORE} ${before} fn main(lane: u32, v: vec4i, s: f32) { ${body} }`)
  const brackets = bracketsOf('', tokens, 100)
  if ('refusal' in brackets) throw new Error(brackets.refusal.message)
  const outline = outlineOf('', tokens, brackets.closes, () => undefined)
  if ('refusal' in outline) throw new Error(outline.refusal.message)
  const types = programTypes(tokens, () => undefined)
  return { outline, values: programValues(outline, brackets.closes, types) }
}

/** Microseconds of a body alone. */
function timeOf(body: string, before = ''): number {
  const of = (text: string): number => {
    const { outline, values } = read(text, before)
    return compileParts(outline, values, 'main').reduce((sum, { microseconds }) => sum + microseconds, 0)
  }
  return of(body) - of('')
}

describe('the time to compile', () => {
  it('doubles with each of two hundred functions that call the next one twice, and is told at once', () => {
    const calls = Array.from({ length: 200 }, (_, i) => `fn f${i}() { f${i + 1}(); f${i + 1}(); }`).join(' ')
    const before = `${calls} fn f200() {}`
    expect(timeOf('f190();', before)).toBeGreaterThan(1_000 * timeOf('f200();', before))
    expect(timeOf('f0();', before)).toBeGreaterThan(1e50)
  })

  it('is that of a function as often as it is called, by whatever way', () => {
    const before = 'fn g() { out[out[0]] = 1u; } fn f() { g(); g(); }'
    const [one, three] = [timeOf('f();', before), timeOf('f(); f(); g(); g(); f();', before)]
    expect(three / one).toBeGreaterThan(3.5)
    expect(three / one).toBeLessThan(4.5)
  })

  it('leaves out what the entry point does not reach', () => {
    const before = `fn unused() { ${'out[out[0]] = 1u;'.repeat(100)} }`
    expect(timeOf('out[0] = 1u;', before)).toBe(timeOf('out[0] = 1u;'))
  })

  const dear = 900
  for (const [what, body, atLeast] of [
    ['an element of a buffer', 'let a = out[lane];', dear],
    ['a vector of a buffer', 'let a = vectors[lane];', 4 * dear],
    ['a component of it', 'let a = vectors[lane].x;', dear],
    ['a change, which reads and writes,', 'out[lane] += 1u;', 2 * dear],
    ['one more', 'out[lane]++;', 2 * dear],
    ['an element of an array of the function', 'var a: array<u32, 4>; a[lane] = 1u;', dear],
    ['an element of a vector', 'var a = v; a[lane] = 1;', dear],
    ['an element of a value', 'let a = array(lane, 2u); let b = a[lane];', dear],
    ['an element through a pointer', 'var a: array<u32, 4>; let p = &a; (*p)[1] = lane;', dear],
    ['a vector of a uniform', 'let a = sizes[lane];', 4 * dear],
    ['a vector in an array in a struct', 'var a: S; a.a[lane] = vec4f();', 4 * dear],
    ['a quotient of vectors', 'let a = v / v;', 4 * 700],
    ['a quotient of vectors in a conversion', 'let a = u32((v / v).x);', 4 * 700],
    ['a quotient of vectors that are unpacked', 'let a = (unpack4xI8(lane) / unpack4xI8(lane)).x;', 4 * 700],
    ['a quotient of what stands in parentheses', 'let a = (v) / (v);', 4 * 700],
    ['a quotient of a vector that repeats itself', 'let a = v.xy; let b = a.xyxy / a.yxyx;', 4 * 700],
    ['a quotient of an unpacked vector with a name', 'let a = unpack4xI8(lane); let b = a / a;', 4 * 700],
    ['a whole number of a float', 'let a = u32(s);', 1_500],
    ['whole numbers of floats', 'let a = vec4<i32>(vec4f(s));', 4 * 1_500],
    ['whole numbers by another name', 'let a = Whole(vec4f(s));', 4 * 1_500],
    ['a counted loop', 'for (var i = 0u; i < lane; i++) {}', 7_000],
    ['many values of a case', `switch (lane) { case ${'1u, '.repeat(99)}: {} default: {} }`, 12_000],
    ['a branch', 'if (lane > 1u) {}', dear],
    ['a way back for some', 'if (lane > 1u) { return; } out[0] = 1u;', 2 * dear],
  ] as const)
    it(`takes ${what} for dear`, () => expect(timeOf(body)).toBeGreaterThan(atLeast))

  for (const [what, body] of [
    ['a sum', 'let a = lane * 3u + 1u;'],
    ['a word of a table', 'let a = table[lane & 1u];'],
    ['a known element of an array of the function', 'var a: array<u32, 4>; a[1] = lane; let b = a[2];'],
    ['a known vector of a uniform', 'let a = sizes[1];'],
    ['vectors of floats', 'let a = vec4f(s) + vec4<f32>(1f) * (vec4f(v));'],
    ['a vector that is made of its parts', 'let a = vec4f(s, s, s, 1f);'],
    ['a number that is made another', 'let a = u32(7);'],
    ['the last return', 'return;'],
  ] as const)
    it(`takes ${what} for cheap`, () => expect(timeOf(body)).toBeLessThan(2 * dear))

  describe('of what is kept over a loop', () => {
    const loop = 'while (out[0] < 9u) {}'
    /** What a loop takes at a place, less than it takes alone. */
    const kept = (before: string, after: string, more = ''): number =>
      timeOf(`${before} ${loop} ${after}`, more) - timeOf(`${before} ${after}`, more) - timeOf(loop, more)
    const few = 20

    it('grows with the words', () => {
      expect(kept('let a = lane;', 'out[0] = a;')).toBeGreaterThan(few)
      expect(kept('let a = v;', 'out[0] = u32(a.x);') / kept('let a = lane;', 'out[0] = a;')).toBeCloseTo(4)
      expect(kept('var a: array<u32, 50>;', 'out[0] = a[7];')).toBeGreaterThan(50 * few)
    })

    it('is that of a loop in a function too', () => {
      const before = `fn wait() { ${loop} } fn twice() { wait(); wait(); }`
      const call = (body: string): number => timeOf(body, before)
      const more =
        call('let a = v; twice(); out[0] = u32(a.x);') - call('let a = v; out[0] = u32(a.x); twice();')
      expect(more).toBeGreaterThan(8 * few)
    })

    it('leaves out what is named no more, or only in another block', () => {
      const use = 'let a = vec4f(1f); out[0] = u32(a.x);'
      expect(kept(use, '')).toBe(0)
      expect(kept(`{ ${use} }`, `{ ${use} }`)).toBe(0)
    })

    it('holds what is named in a loop around to the end of that', () => {
      const around = (text: string): string => `let a = v; while (out[3] < 9u) { out[0] = u32(a.x); ${text} }`
      expect(timeOf(around(loop)) - timeOf(around('')) - timeOf(loop)).toBeGreaterThan(4 * few)
    })

    it('holds the variables of the module over all', () => {
      const before = 'var<private> kept: array<vec4f, 9>;'
      const over = (use: string): number =>
        timeOf(`${use} ${loop}`, before) - timeOf(use, before) - timeOf(loop)
      expect(over('kept[1].x = 1f;')).toBeGreaterThan(36 * few)
      expect(over('kept[lane].x = 1f;')).toBeCloseTo(0)
    })

    it('leaves out an array that lies in memory', () => {
      expect(kept('var a: array<u32, 50>; a[lane] = 1u;', 'out[0] = a[7];')).toBe(0)
    })
  })

  it('counts every word of a value that is written to memory to be indexed', () => {
    const before = 'var<private> many: array<u32, 500>;'
    expect(timeOf('let x = many; many[lane] = x[lane];', before)).toBeGreaterThan(60_000)
  })

  it('counts every word of memory that is zeroed', () => {
    expect(timeOf('var a: array<u32, 100>;')).toBeGreaterThan(20_000)
    const { outline, values } = read('', 'var<workgroup> w: array<u32, 1000>;')
    const parts = compileParts(outline, values, 'main')
    expect(Math.max(...parts.map(({ microseconds }) => microseconds))).toBeGreaterThan(300_000)
  })
})

describe('a program that takes too long to compile', () => {
  const fault = (body: string, before = '') => {
    const { outline, values } = read(body, before)
    const found = compileFault(outline, values, 'main', (place, rule, message) => ({ place, rule, message }))
    return found && { ...found, name: outline.tokens.find(({ at }) => at === found.place)?.text }
  }

  it('is refused at the function, or the variable, that takes longest', () => {
    const before = 'var<workgroup> w: array<u32, 4000>; fn f(i: u32) { out[i] += w[i]; }'
    expect(fault('out[lane] = 1u;', before)).toBeNull()
    expect(fault('f(lane);'.repeat(140), before)).toMatchObject({ rule: 'compile', name: 'w' })
    const many = fault('f(lane);'.repeat(900), before)
    expect(many).toMatchObject({ rule: 'compile', name: 'f' })
    expect(many!.message).toMatch(
      new RegExp(`^Compiling it may take \\d+ ms, \\d+ of them for f; ${MAX_COMPILE_MS} are`),
    )
  })
})
