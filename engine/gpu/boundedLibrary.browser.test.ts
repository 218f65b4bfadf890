import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkKernel } from '../../protocol/kernel/checkKernel.ts'
import type { KernelProgram } from '../../protocol/kernel/kernelProgram.ts'
import { libraryPrograms } from '../../shaders/fixtureLibraryPrograms.ts'
import { libraryKernels } from '../../shaders/library.ts'
import { canRun } from './chooseVariant.ts'
import { compileCustomKernel } from './customPipeline.ts'
import { type OpenedDevice, openDevice } from './openDevice.ts'

/** A software adapter compiles some programs for seconds, ms. */
const COMPILE_MS = 120_000

describe('programs with barriers, with their loops counted', () => {
  const steps = 'fn steps(n: u32) -> u32 { var s = 0u; for (var i = 0u; i < n; i++) { s += i; } return s; }'
  for (const [name, body, before = ''] of [
    [
      'a loop without a barrier says how often one with a barrier runs',
      'var rounds = 0u; while (rounds < out[0]) { rounds += 1u; } for (var i = 0u; i < rounds; i++) { workgroupBarrier(); }',
    ],
    [
      'a barrier behind a loop of different length',
      'var i = 0u; while (i < min(lane, out[0])) { i += 1u; } workgroupBarrier();',
    ],
    [
      'a loop inside one with a barrier',
      'for (var i = 0u; i < out[0]; i++) { var n = 0u; while (n < out[1]) { n += 1u; } if (n > 3u) { workgroupBarrier(); } }',
    ],
    [
      'a loop in a function says whether a barrier is met',
      'if (steps(out[0]) > 6u) { workgroupBarrier(); }',
      steps,
    ],
    [
      'a loop in a function that a function calls, after one of different length',
      'let other = steps(lane); if (twice(out[0]) > 6u) { workgroupBarrier(); } if (steps(other) > 6u) { return; }',
      `${steps} fn twice(n: u32) -> u32 { return 2u * steps(n); }`,
    ],
    [
      'a loop in a function writes through a pointer what a barrier goes by',
      'var s = 0u; add(&s, out[0]); if (s > 6u) { workgroupBarrier(); }',
      'fn add(s: ptr<function, u32>, n: u32) { for (var i = 0u; i < n; i++) { *s += i; } }',
    ],
    [
      'a loop beside a barrier in a function',
      'wait(out[0]);',
      `${steps} fn wait(n: u32) { var s = 0u; while (s < n) { s += 1u; } if (s + steps(s) > 6u) { workgroupBarrier(); } }`,
    ],
  ] as const) {
    it(`compile as before (${name})`, async () => {
      const { device } = await openDevice()
      const program: KernelProgram = {
        program: `@group(0) @binding(0) var<storage, read> out: array<u32>;\n${before}\n@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) lane: u32) { ${body} }`,
        entryPoint: 'main',
        bindings: [{ name: 'out', binding: 0, type: 'read-only-storage', datatype: 'UINT32', shape: [64] }],
        overrides: {},
        dispatch: [1, 1, 1],
      }
      const verdict = checkKernel(program)
      if (!verdict.ok) throw new Error(verdict.refusals[0]!.message)
      expect(verdict.iterations).not.toBeNull()
      await compileCustomKernel(device, program, verdict)
      device.destroy()
    })
  }
})

describe('the programs of the library, with their loops counted', () => {
  let opened: OpenedDevice
  beforeAll(async () => {
    opened = await openDevice()
  })
  afterAll(() => opened.device.destroy())

  it('are all of the library, but for those in half precision where the device has none', () => {
    const left = libraryPrograms.filter(({ variant }) => !canRun(variant, opened.info))
    const others = left.filter(({ variant }) => !variant.needs.features.includes('shader-f16'))
    expect(others.map(({ kernel, variant }) => `${kernel}/${variant.name}`)).toEqual([])
    const covered = new Set(libraryPrograms.map(({ kernel, variant }) => `${kernel}/${variant.name}`))
    for (const { name, variants } of libraryKernels)
      for (const variant of variants) expect(covered).toContain(`${name}/${variant.name}`)
  })

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
