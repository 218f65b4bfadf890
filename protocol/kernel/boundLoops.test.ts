import { describe, expect, it } from 'vitest'
import { type CheckedKernel, checkKernel } from './checkKernel.ts'
import type { KernelProgram } from './kernelProgram.ts'

const kernel = (body: string, before = ''): KernelProgram => ({
  program: `@group(0) @binding(0) var<storage, read_write> out: array<u32>;\n${before}\n@compute @workgroup_size(64)\nfn main(@builtin(local_invocation_index) lane: u32) {\n${body}\n}\n`,
  entryPoint: 'main',
  bindings: [{ name: 'out', binding: 0, type: 'storage', datatype: 'UINT32', shape: [64] }],
  overrides: {},
  dispatch: [1, 1, 1],
})

function checked(job: KernelProgram): CheckedKernel {
  const verdict = checkKernel(job)
  if (!verdict.ok) throw new Error(verdict.refusals[0]!.message)
  return verdict
}

describe('loops', () => {
  for (const head of [
    'var i = 0u; i < 16u; i++',
    'var i = 0; i <= 15; i += 3',
    'var i: u32 = 16u; i > 0u; i--',
    'var i = 16u; i >= 1u; i -= 1u',
    'var i = lane; i > 0u; i >>= 1u',
    'var i = out[3]; i >= 1u; i /= 2u',
    'var i = 1u; i < 1024u; i <<= 1u',
    'var i = 0u; i < FEW * 4u; i += FEW',
    'var i = 0u; i < min(FEW, out[3] - lane); i++',
    'var i = 0u; i < 65536u; i++',
    'var i = 0u; i <= min(out[3], min(lane, 4u * 4u)); i += 2u',
  ]) {
    it(`(for (${head})) are left as they are where their end can be seen`, () => {
      const job = kernel(`for (${head}) { out[lane] += u32(i); }`, 'const FEW = 2u + 2u;')
      expect(checked(job)).toMatchObject({ program: job.program, mark: null, iterations: null })
    })
  }

  for (const head of [
    'var i = 0u; i < lane; i++',
    'var i = 0u; i != 16u; i += 3u',
    'var i = 0u; i < 16u; i -= 1u',
    'var i = 5; i > -1; i--',
    'var i = 16u; i >= 0u; i--',
    'var i = 16u; i > 1u; i -= 4u',
    'var i = 0u; i < 65537u; i++',
    'var i = 0.0; i < 16.0; i += 0.5',
    'var i = 0u; 16u > i; i++',
    'var i = 0u; i < min(lane, out[3]); i++',
    'var i = 0u; i < min(lane, 4u) + out[3]; i++',
    'var i = 0u; i < max(lane, 4u); i++',
    'var i = lane; i < min(lane, 4u); i++',
    'var i = 9u; i > min(lane, 4u); i--',
  ]) {
    it(`(for (${head})) are counted where it cannot`, () => {
      const verdict = checked(kernel(`for (${head}) { out[lane] += u32(i); }`))
      expect(verdict.iterations).toBeGreaterThan(64)
      expect(verdict.mark).toEqual({ group: 1, binding: 0 })
      expect(verdict.program).toContain('if (opentab_steps == 0u) { opentab_ended[0] = 1u; break; }')
    })
  }

  it('are counted where a name of the module is another one inside', () => {
    const job = kernel(
      'let FEW = lane; for (var i = 0u; i < FEW; i++) { out[lane] += i; }',
      'const FEW = 4u;',
    )
    expect(checked(job).iterations).not.toBeNull()
  })

  it('with a barrier count in their function, those beside them each by itself, others in the invocation; no line moves', () => {
    const job = kernel(
      'for (var i = 0u; i < out[1]; i++) {\n  workgroupBarrier();\n  while (out[lane] < 9u) {\n    out[lane] += 1u;\n  }\n}\nfill(lane);',
      'fn fill(lane: u32) { while (out[lane] < 99u) { out[lane] += 1u; } }',
    )
    const { program } = checked(job)
    expect(program.match(/opentab_rounds -= 1u/g)).toHaveLength(1)
    expect(program.match(/opentab_rounds_1 -= 1u/g)).toHaveLength(1)
    expect(program.match(/opentab_steps -= 1u/g)).toHaveLength(1)
    const lineOf = (text: string, what: string) => text.split('\n').findIndex((line) => line.includes(what))
    for (const what of ['workgroupBarrier();', 'while (', 'out[lane] += 1u'])
      expect(lineOf(program, what)).toBe(lineOf(job.program, what))
  })

  describe('of a function that is called', () => {
    const counting = 'for (var i = 0u; i < n; i++) { s += i; }'
    const countOf = (body: string, before: string): string => {
      const { program } = checked(kernel(body, before))
      return /if \((opentab_\w+) == 0u\)/.exec(program)![1]!
    }

    it('count by themselves where what it returns may say which barriers are met', () => {
      const steps = `fn steps(n: u32) -> u32 { var s = 0u; ${counting} return s; }`
      expect(countOf('if (steps(out[0]) > 6u) { workgroupBarrier(); }', steps)).toBe('opentab_rounds_0')
      const twice = `${steps} fn twice(n: u32) -> u32 { return 2u * steps(n); }`
      expect(countOf('if (twice(out[0]) > 6u) { workgroupBarrier(); }', twice)).toBe('opentab_rounds_0')
    })

    it('count by themselves where it writes through a pointer, or has a barrier of its own', () => {
      const add = `fn add(s: ptr<function, u32>, n: u32) { for (var i = 0u; i < n; i++) { *s += i; } }`
      const body = 'var s = 0u; add(&s, out[0]); if (s > 6u) { workgroupBarrier(); }'
      expect(countOf(body, add)).toBe('opentab_rounds_0')
      const alias = add
        .replace('ptr<function, u32>', 'Sum')
        .replace('fn', 'alias Sum = ptr<function, u32>; fn')
      expect(countOf(body, alias)).toBe('opentab_rounds_0')
      const waits = `fn wait(n: u32) { var s = 0u; ${counting} if (s > 6u) { workgroupBarrier(); } }`
      expect(countOf('wait(out[0]);', waits)).toBe('opentab_rounds_0')
    })

    it('share the count of the invocation where nothing that comes out of them can', () => {
      const steps = `fn steps(n: u32) -> u32 { var s = 0u; ${counting} return s; }`
      expect(countOf('out[lane] = steps(lane);', steps)).toBe('opentab_steps')
      const fill = `${steps} fn fill(n: u32) { out[n] = steps(n); }`
      expect(countOf('fill(lane); workgroupBarrier();', fill)).toBe('opentab_steps')
    })

    it('are worth their iterations at each call', () => {
      const steps = `fn steps(n: u32) -> u32 { var s = 0u; ${counting} return s; }`
      const calls = (count: number): CheckedKernel =>
        checked(kernel(`${'out[lane] += steps(out[0]);'.repeat(count)} workgroupBarrier();`, steps))
      const [one, nine] = [calls(1), calls(9)]
      expect(one.iterations! / nine.iterations!).toBeCloseTo(9, 0)
    })
  })

  it('get fewer iterations the more invocations there are', () => {
    const job = kernel('while (out[lane] < 9u) { out[lane] += 1u; }')
    const [few, many] = [checked(job), checked({ ...job, dispatch: [65_535, 1, 1] })]
    expect(few.iterations).toBeGreaterThan(many.iterations! * 5)
    expect(checkKernel({ ...job, dispatch: [65_535, 200, 1] })).toMatchObject({
      ok: false,
      refusals: [{ rule: 'work', line: 4 }],
    })
  })
})
