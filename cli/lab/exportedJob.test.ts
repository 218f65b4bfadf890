import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Datatype } from '../../protocol/tensor.ts'
import { parseCustomKernel } from '../../server/kernels/kernelBody.ts'
import { firstKernel } from '../../web/lab/firstKernel.ts'
import { fleetJobOf } from '../../web/lab/fleetJob.ts'
import type { LabGpuApi } from '../../web/lab/gpu/labGpuApi.ts'
import { programFileOf } from '../../web/lab/jobFile.ts'
import type { LabWorker } from '../../web/lab/labWorker.ts'
import { checkOutputs, referenceBytes } from '../../web/lab/numbers/checkOutputs.ts'
import { inputsOf } from '../../web/lab/numbers/fillBuffers.ts'
import { asSent, judgeKernel } from '../../web/lab/numbers/judgeKernel.ts'
import type { LabNumbersApi } from '../../web/lab/numbers/labNumbersApi.ts'
import { templateNames, templateOf } from '../../web/lab/numbers/templates.ts'
import { readDeclarations } from '../../web/lab/readDeclarations.ts'
import type { LabSession } from '../../web/lab/session.ts'
import { createLabStore } from '../../web/state/labStore.ts'
import { readJobFile } from '../kernel/jobFile.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opentab-exported-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A lab with its numbers, and no GPU: an export wants none. `given`: what expressions give. */
function makeLab(given: readonly number[] = []) {
  const sandbox = { evaluate: async () => ({ ok: true as const, elements: Float64Array.from(given) }) }
  const numbers: LabNumbersApi = {
    templates: async () => templateNames(),
    template: async (kernel, variant) => templateOf(kernel, variant)!,
    reflect: async (programs) => programs.map(readDeclarations),
    asSent: async (job) => asSent(job),
    gate: async (jobs, budget) => jobs.map((job) => judgeKernel(job, budget)),
    inputs: async (request) => inputsOf(request),
    check: (request, outputs) => checkOutputs(request, outputs, sandbox),
    reference: (request) => referenceBytes(request, sandbox),
  }
  const asked: LabWorker<LabNumbersApi> = {
    ask: (question) => question(numbers),
    kill: () => {},
    alive: () => true,
  }
  const gpu: LabWorker<LabGpuApi> = {
    ask: () => Promise.reject(new Error('There is no GPU here.')),
    kill: () => {},
    alive: () => false,
  }
  return createLabStore({ gpu, numbers: asked, nowMs: () => 0, later: () => () => {} })
}

const templates = templateNames().flatMap(({ kernel, variants }) =>
  variants
    .filter((variant) => templateOf(kernel, variant)!.passes.length === 1)
    .map((variant) => ({ kernel, variant })),
)

it('most kernels of the library have a variant of one pass', () => {
  expect(new Set(templates.map(({ kernel }) => kernel)).size).toBeGreaterThan(25)
})

it.each(templates)(
  '$kernel $variant, exported by the lab, is a job file that the relay takes',
  async ({ kernel, variant }) => {
    const lab = makeLab()
    const session = templateOf(kernel, variant)!
    lab.open(session)
    const job = await lab.jobFile()
    const text = session.programs[session.passes[0]!.program]!.text
    const file = join(folder, `${kernel}.kernel.json`)
    await writeFile(file, JSON.stringify(job))
    await writeFile(join(folder, programFileOf(session)), text)

    const read = await readJobFile(file)
    const { spread, repeat, ...body } = parseCustomKernel(read.body)
    expect(body).toMatchObject({ program: text, entryPoint: session.passes[0]!.entryPoint })
    expect(body.outputs.length).toBeGreaterThan(0)
    // What the button sends to the fleet is the same job.
    const sent = parseCustomKernel(fleetJobOf(job, text))
    expect(sent).toMatchObject(body)
  },
)

async function exported(check: LabSession['check'], given: readonly number[], datatype: Datatype) {
  const lab = makeLab(given)
  const [x, y] = firstKernel.buffers
  lab.open({
    ...firstKernel,
    check,
    numbers: { n: 3, lanes: 1 },
    buffers: [
      { ...x!, datatype },
      { ...y!, datatype },
    ],
    programs: [
      {
        name: 'saxpy.wgsl',
        text: firstKernel.programs[0]!.text.replaceAll('f32', datatype === 'FP32' ? 'f32' : 'u32'),
      },
    ],
  })
  return lab.jobFile()
}
const expression = { kind: 'expression' as const, text: '2 * x[i]' }

it('what an expression gives goes with the job, its text only to the lab', async () => {
  const job = await exported(expression, [1, 2, 3], 'FP32')
  expect(job.lab).toEqual({ check: expression, numbers: { n: 3, lanes: 1 } })
  const file = join(folder, 'expression.kernel.json')
  await writeFile(file, JSON.stringify(job))
  await writeFile(join(folder, job.programFile), firstKernel.programs[0]!.text)
  const read = await readJobFile(file)
  const right = [{ name: 'y', datatype: 'FP32', shape: [3], base64: 'AACAPwAAAEAAAEBA' }]
  expect(parseCustomKernel(read.body).reference).toEqual(right)
  expect(parseCustomKernel(fleetJobOf(job, firstKernel.programs[0]!.text)).reference).toEqual(right)
})

it.each([
  ['nothing is right', { kind: 'none' as const }, [1, 2, 3], 'FP32' as const],
  ['it gives fewer elements', expression, [1, 2], 'FP32' as const],
  ['the datatype does not hold what it gives', expression, [1, 2.5, 3], 'UINT32' as const],
  ['or holds another', expression, [1, -2, 3], 'UINT32' as const],
  ['or it is no number', expression, [1, Number.NaN, 3], 'UINT32' as const],
])('the job has no reference where %s', async (_, check, given, datatype) => {
  expect(await exported(check, given, datatype)).not.toHaveProperty('reference')
})

it('whole numbers that fit are the reference', async () => {
  const { reference } = await exported(expression, [1, 2, 2 ** 32 - 1], 'UINT32')
  expect(reference).toMatchObject([{ base64: 'AQAAAAIAAAD/////' }])
})

it('a file is the reference with every bit of its 64', async () => {
  const values = BigInt64Array.of(2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n)
  const header = `{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }`.padEnd(117)
  const npy = Buffer.concat([
    Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, 118, 0]),
    Buffer.from(`${header}\n`),
    Buffer.from(values.buffer),
  ])
  const check = { kind: 'file' as const, name: 'y.npy', base64: npy.toString('base64') }
  const { reference } = await exported(check, [], 'INT64')
  expect(reference).toMatchObject([{ base64: Buffer.from(values.buffer).toString('base64') }])
})
