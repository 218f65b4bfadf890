import { describe, expect, it } from 'vitest'
import { checkKernel } from './checkKernel.ts'

/** A program of one `override` (its type and value are given) and, before its buffer, of more attributes. */
const verdict = (declared: string, value: number, attributes = '') =>
  checkKernel({
    program: `enable f16;
override n${declared};
${attributes} @group(0) @binding(0) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u) {
  out[id.x] = f32(n);
}
`,
    entryPoint: 'main',
    bindings: [{ name: 'out', binding: 0, type: 'storage', datatype: 'FP32', shape: [4] }],
    overrides: { n: value },
    dispatch: [1, 1, 1],
  })

describe('the gate and the overrides of a job', () => {
  it('refuses a value that does not fit the type, at its declaration', () => {
    const wrong: [string, number, string][] = [
      [': u32 = 2', -1, 'u32, a whole number from 0 to 4294967295; -1 was given'],
      [': u32', 2 ** 32, 'u32, a whole number from 0 to 4294967295; 4294967296 was given'],
      [': u32', 2.5, 'u32, a whole number from 0 to 4294967295; 2.5 was given'],
      [': i32', 2 ** 31, 'i32, a whole number from -2147483648 to 2147483647; 2147483648 was given'],
      [': i32', -(2 ** 31) - 1, 'i32, a whole number'],
      [': f32', 1e300, 'f32, a number from -3.4e38 to 3.4e38; 1e+300 was given'],
      [': f16', 65_520, 'f16, a number from -65504 to 65504; 65520 was given'],
      [' = 2u', -1, 'u32, a whole number'],
      [' = -2', 2 ** 31, 'i32, a whole number'],
      [' = 0x10', 0.5, 'i32, a whole number'],
      [' = 1.5', -1e300, 'f32, a number'],
      [' = 1f', 1e300, 'f32, a number'],
      [' = 1h', 1e5, 'f16, a number'],
    ]
    for (const [declared, value, says] of wrong)
      expect({ declared, ...verdict(declared, value) }).toMatchObject({
        declared,
        ok: false,
        refusals: [{ line: 2, column: 10, rule: 'override', message: expect.stringContaining(says) }],
      })
  })

  it('takes the ends of each type, and any number as a truth', () => {
    const right: [string, number[]][] = [
      [': u32', [0, 2 ** 32 - 1]],
      [': i32', [-(2 ** 31), 2 ** 31 - 1]],
      [': f32', [3.4028234663852886e38, -0.5, 1e-300]],
      [': f16', [65_504, -65_504]],
      [': bool', [7, 0.5]],
      [' = true', [7]],
      [' = 2 * 3', [0.5]],
    ]
    for (const [declared, values] of right)
      for (const value of values)
        expect({ declared, value, ...verdict(declared, value) }).toMatchObject({ ok: true })
  })

  it('refuses an @id of something else, and an attribute that stands twice', () => {
    const refusal = (attributes: string) => {
      const found = verdict(': u32', 1, attributes)
      return found.ok ? null : found.refusals[0]!
    }
    expect(refusal('@id(1) '.repeat(2000))).toMatchObject({ line: 3, rule: 'override' })
    expect(refusal('@id(1)')).toMatchObject({ line: 3, column: 2, rule: 'override' })
    expect(refusal('@group(0)')).toMatchObject({
      line: 3,
      column: 12,
      rule: 'syntax',
      message: '@group stands here twice.',
    })
    expect(refusal('')).toBeNull()
  })
})
