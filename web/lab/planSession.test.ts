import { describe, expect, it } from 'vitest'
import { describeSession } from './describeSession.ts'
import { firstKernel } from './firstKernel.ts'
import { jobFileOf, sessionOfFiles } from './jobFile.ts'
import { kernelJobsOf } from './kernelJobs.ts'
import { LabError } from './labWords.ts'
import { planSession } from './planSession.ts'
import { readDeclarations } from './readDeclarations.ts'

const reflected = firstKernel.programs.map(({ text }) => readDeclarations(text))
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
      expect.arrayContaining([
        'pass.0.dispatch.x',
        'pass.0.uniform.task.n',
        'buffer.x.shape',
        'buffer.y.shape',
      ]),
    )
    const [pass] = firstKernel.passes
    const passes = [{ ...pass!, dispatch: ['n / 3', '1', '1'] as const }]
    expect(planSession({ ...firstKernel, passes }, reflected).faults).toMatchObject([
      { field: 'pass.0.dispatch.x', words: { key: 'fault.noSize', values: { value: '333.333' } } },
    ])
  })

  it('cannot be made of a program that cannot be read, or that has no entry point', () => {
    const words = (program: ReturnType<typeof readDeclarations>) =>
      planSession(firstKernel, [program]).faults.map(({ field, words: { key } }) => [field, key])
    expect(words(null)).toEqual([['program.0', 'fault.unread']])
    expect(words(readDeclarations('fn helper() {}'))).toEqual([['program.0', 'fault.noEntry']])
  })
})

it('a program that nobody described gets a buffer, a uniform and an entry point for each declaration', () => {
  const blank = sessionOfFiles([{ name: 'saxpy.wgsl', text }])
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
  const right = new Uint8Array(4000).fill(2)
  const file = jobFileOf(firstKernel, job!, inputs, 2000, right)
  expect(file).toMatchObject({
    programFile: 'saxpy.wgsl',
    outputs: ['y'],
    operations: 2000,
    tolerance: { ulp: 1 },
    reference: [{ name: 'y', shape: [1000], datatype: 'FP32', base64: btoa('\u0002'.repeat(4000)) }],
  })
  expect(jobFileOf({ ...firstKernel, check: { kind: 'none' } }, job!, inputs, 0, null)).not.toHaveProperty(
    'reference',
  )
  const imported = sessionOfFiles([
    { name: 'saxpy.wgsl', text },
    { name: 'saxpy.kernel.json', text: JSON.stringify(file) },
  ])
  const again = planSession(describeSession(imported, reflected), reflected)
  expect(again.faults).toEqual([])
  expect(again.plan).toEqual(plan)
  expect(imported).toMatchObject({ check: firstKernel.check, numbers: firstKernel.numbers })
})

/** Why files open nothing. */
function refusalOf(...files: Parameters<typeof sessionOfFiles>[0]) {
  try {
    sessionOfFiles(files)
  } catch (error) {
    if (error instanceof LabError) return error.words
    throw error
  }
  throw new Error('they opened something')
}

it('a program that begins with a byte order mark opens as one without', () => {
  const files = (mark: string) => [{ name: 'saxpy.wgsl', text: `${mark}${text}` }]
  expect(sessionOfFiles(files('\ufeff'))).toEqual(sessionOfFiles(files('')))
})

describe('files that open nothing are refused with a reason', () => {
  const job = {
    entryPoint: 'main',
    programFile: 'saxpy.wgsl',
    bindings: [{ name: 'y', binding: 0, type: 'storage', datatype: 'FP32', shape: [4] }],
    dispatch: [1, 1, 1],
  }
  const jobFile = (fields: object) => ({ name: 'x.kernel.json', text: JSON.stringify({ ...job, ...fields }) })
  const program = { name: 'saxpy.wgsl', text }
  const wide = { ...job.bindings[0], datatype: 'INT64' }

  it.each([
    ['nothing that the lab opens', [{ name: 'notes.txt', text: 'x' }], { key: 'lab.importNothing' }],
    [
      'no JSON',
      [{ name: 'x.kernel.json', text: 'not JSON' }],
      { key: 'lab.importNoJson', values: { file: 'x.kernel.json' } },
    ],
    [
      'JSON that is no job',
      [{ name: 'x.json', text: '{"kind": "kernel", "entryPoint": "main"}' }],
      { key: 'lab.importNoJob', values: { file: 'x.json', place: 'bindings' } },
    ],
    [
      'a shape that is none',
      [program, jobFile({ bindings: [{ ...job.bindings[0], shape: [-1] }] })],
      { key: 'lab.importNoJob', values: { place: 'bindings.0.shape.0' } },
    ],
    [
      'a buffer with a name that no job has',
      [program, jobFile({ bindings: [{ ...job.bindings[0], name: 'é' }] })],
      { key: 'lab.importNoJob', values: { place: 'bindings.0.name' } },
    ],
    [
      'a job without its program',
      [jobFile({})],
      { key: 'lab.importNoProgram', values: { program: 'saxpy.wgsl' } },
    ],
    [
      'an input that lies elsewhere',
      [program, jobFile({ inputs: [{ name: 'y', file: 'y.npy' }] })],
      { key: 'lab.importNoInput', values: { name: 'y' } },
    ],
    [
      'base64 that is none',
      [program, jobFile({ inputs: [{ name: 'y', base64: '%%%%' }] })],
      { key: 'lab.importNoJob', values: { place: 'inputs.0.base64' } },
    ],
    [
      'a number that its buffer does not hold',
      [program, jobFile({ inputs: [{ name: 'y', data: [1, 'two'] }] })],
      { key: 'lab.importNoNumber', values: { index: '1', value: 'two', datatype: 'FP32' } },
    ],
    [
      'a whole number that lost digits',
      [program, jobFile({ bindings: [wide], inputs: [{ name: 'y', data: [2 ** 53] }] })],
      { key: 'lab.importNoNumber', values: { index: '0', value: '9007199254740992', datatype: 'INT64' } },
    ],
    [
      'a whole number out of range',
      [program, jobFile({ bindings: [wide], inputs: [{ name: 'y', data: ['9223372036854775808'] }] })],
      { key: 'lab.importNoNumber', values: { datatype: 'INT64' } },
    ],
  ])('%s', (_, files, words) => {
    expect(refusalOf(...files)).toMatchObject(words)
  })

  it('takes inputs that are numbers, and files that lie beside it', () => {
    const fillOf = (...files: Parameters<typeof sessionOfFiles>[0]) => sessionOfFiles(files).buffers[0]!.fill
    const numbers = fillOf(
      program,
      jobFile({
        inputs: [
          {
            name: 'y',
            data: [
              [1, 2],
              [3, 'NaN'],
            ],
          },
        ],
      }),
    )
    const bytes = new Uint8Array(new Float32Array([1, 2, 3, Number.NaN]).buffer)
    expect(numbers).toEqual({ kind: 'file', name: 'y.bin', base64: btoa(String.fromCharCode(...bytes)) })
    const exact = fillOf(
      program,
      jobFile({ bindings: [wide], inputs: [{ name: 'y', data: ['9007199254740993', -1] }] }),
    )
    const both = new Uint8Array(BigInt64Array.of(2n ** 53n + 1n, -1n).buffer)
    expect(exact).toMatchObject({ base64: btoa(String.fromCharCode(...both)) })
    const npy = { name: 'y.npy', text: '', base64: 'AAAA' }
    expect(fillOf(program, npy, jobFile({ inputs: [{ name: 'y', file: 'data/y.npy' }] }))).toEqual({
      kind: 'file',
      name: 'y.npy',
      base64: 'AAAA',
    })
  })
})

describe('numbers that no program can take are faults of their field', () => {
  const [pass] = firstKernel.passes
  const withUniform = (fields: Record<string, string>) => ({
    ...firstKernel,
    passes: [{ ...pass!, uniforms: { task: { n: 'n', a: '2', ...fields } } }],
  })
  const withOverride = (lanes: string) => ({ ...firstKernel, passes: [{ ...pass!, overrides: { lanes } }] })
  it.each([
    ['a fraction in a u32', withUniform({ n: 'n / 3' }), 'pass.0.uniform.task.n', 'fault.noWhole'],
    ['a negative u32', withUniform({ n: '-1' }), 'pass.0.uniform.task.n', 'fault.noWhole'],
    ['9e99 in a u32', withUniform({ n: '9e99' }), 'pass.0.uniform.task.n', 'fault.noWhole'],
    ['1e99 in an f32', withUniform({ a: '1e99' }), 'pass.0.uniform.task.a', 'fault.tooLarge'],
    ['nothing', withUniform({ a: '' }), 'pass.0.uniform.task.a', 'expression.empty'],
    ['a fraction in an override', withOverride('lanes / 3'), 'pass.0.override.lanes', 'fault.noWhole'],
    ['an unknown name', withOverride('länge'), 'pass.0.override.lanes', 'expression.unknownName'],
  ])('%s', (_, session, field, key) => {
    expect(planSession(session, reflected).faults).toMatchObject([{ field, words: { key } }])
  })

  it('only the axis that is wrong has a fault', () => {
    const passes = [{ ...pass!, dispatch: ['1', '-1', '1'] as const }]
    const { faults } = planSession({ ...firstKernel, passes }, reflected)
    expect(faults.map(({ field }) => field)).toEqual(['pass.0.dispatch.y'])
  })
})

it('two entry points may use one place for different buffers: each binds its own', () => {
  const program = `@group(0) @binding(0) var<storage, read_write> a: array<f32>;
@group(0) @binding(0) var<storage, read_write> b: array<u32>;
@compute @workgroup_size(1) fn first() { a[0] = 1; }
@compute @workgroup_size(1) fn second() { b[0] = 1; }`
  const both = [readDeclarations(program)]
  const blank = sessionOfFiles([{ name: 'two.wgsl', text: program }])
  const session = describeSession(blank, both)
  const boundBy = (entryPoint: string) => {
    const passes = [{ ...session.passes[0]!, entryPoint }]
    const { plan } = planSession({ ...session, passes }, both)
    const [job] = kernelJobsOf({ ...session, passes }, both, plan)
    return job!.bindings.map(({ name }) => name)
  }
  expect([boundBy('first'), boundBy('second')]).toEqual([['a'], ['b']])
})
