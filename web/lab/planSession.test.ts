import { describe, expect, it } from 'vitest'
import { describeSession } from './describeSession.ts'
import { firstKernel } from './firstKernel.ts'
import { jobFileOf, sessionOfFiles } from './jobFile.ts'
import { kernelJobsOf } from './kernelJobs.ts'
import { planSession } from './planSession.ts'
import { reflectProgram } from './reflectProgram.ts'

const reflected = firstKernel.programs.map(({ text }) => reflectProgram(text))
const { text } = firstKernel.programs[0]!

describe('the plan of a session', () => {
  it('has every expression worked out: bytes, overrides, uniforms, workgroups', () => {
    const { plan, faults } = planSession(firstKernel, reflected)
    expect(faults).toEqual([])
    expect(plan.buffers).toEqual([
      { name: 'x', role: 'input', bytes: 4000 },
      { name: 'y', role: 'output', bytes: 4000 },
    ])
    const [pass] = plan.passes
    expect(pass).toMatchObject({ constants: { lanes: 64 }, dispatch: [15, 1, 1] })
    const [task] = pass!.bindings
    const bytes = task!.space === 'uniform' ? task!.bytes : new Uint8Array()
    expect(new Uint32Array(bytes.buffer)[0]).toBe(1000)
    expect(new Float32Array(bytes.buffer)[1]).toBe(2)
  })

  it('takes a sweep’s point in place of a number', () => {
    const { plan } = planSession(firstKernel, reflected, { lanes: 32 })
    expect(plan.passes[0]).toMatchObject({ constants: { lanes: 32 }, dispatch: [31, 1, 1] })
  })

  it('names the field of an expression that has no value, and of one that is no size', () => {
    const numbers = { lanes: 64 }
    const { faults } = planSession({ ...firstKernel, numbers }, reflected)
    expect(faults.map(({ field }) => field)).toEqual(
      expect.arrayContaining(['pass.0.dispatch', 'pass.0.uniform.task', 'buffer.x.shape', 'buffer.y.shape']),
    )
    const [pass] = firstKernel.passes
    const passes = [{ ...pass!, dispatch: ['n / 3', '1', '1'] as const }]
    expect(planSession({ ...firstKernel, passes }, reflected).faults).toMatchObject([
      { field: 'pass.0.dispatch', message: expect.stringContaining('is no size') },
    ])
  })

  it('cannot be made of a program that cannot be read', () => {
    expect(planSession(firstKernel, [null]).faults).toMatchObject([{ field: 'program.0' }])
  })
})

it('a program that nobody described gets a buffer, a uniform and an entry point for each declaration', () => {
  const blank = sessionOfFiles([{ name: 'saxpy.wgsl', text }])!
  const described = describeSession(blank, reflected)
  expect(described.passes[0]).toMatchObject({
    entryPoint: 'main',
    uniforms: { task: { n: '0', a: '0' } },
    overrides: { lanes: '64' },
  })
  expect(described.buffers).toMatchObject([
    { name: 'x', datatype: 'FP32', shape: ['1024'], role: 'input', fill: { kind: 'random' } },
    { name: 'y', datatype: 'FP32', shape: ['1024'], role: 'output', fill: { kind: 'zeros' } },
  ])
  expect(describeSession(described, reflected)).toBe(described)
})

it('a job file that is exported and imported again makes the same plan', () => {
  const { plan } = planSession(firstKernel, reflected)
  const [job] = kernelJobsOf(firstKernel, reflected, plan)
  const [task] = plan.passes[0]!.bindings
  const inputs = new Map<string, Uint8Array>([
    ['task', task!.space === 'uniform' ? task!.bytes : new Uint8Array()],
    ['x', new Uint8Array(4000).fill(1)],
  ])
  const file = jobFileOf(firstKernel, job!, inputs, 2000)
  expect(file).toMatchObject({
    programFile: 'saxpy.wgsl',
    outputs: ['y'],
    operations: 2000,
    tolerance: { ulp: 1 },
  })
  const imported = sessionOfFiles([
    { name: 'saxpy.wgsl', text },
    { name: 'saxpy.kernel.json', text: JSON.stringify(file) },
  ])!
  const again = planSession(describeSession(imported, reflected), reflected)
  expect(again.faults).toEqual([])
  expect(again.plan).toEqual(plan)
})

it('files that are no kernel open nothing', () => {
  expect(sessionOfFiles([{ name: 'notes.txt', text: 'x' }])).toBeNull()
  expect(sessionOfFiles([{ name: 'x.kernel.json', text: 'not JSON' }])).toBeNull()
  expect(sessionOfFiles([{ name: 'x.kernel.json', text: '{"kind": "kernel"}' }])).toBeNull()
})
