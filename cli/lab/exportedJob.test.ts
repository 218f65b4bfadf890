import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseCustomKernel } from '../../server/kernels/kernelBody.ts'
import { fleetJobOf } from '../../web/lab/fleetJob.ts'
import type { LabGpuApi } from '../../web/lab/gpu/labGpuApi.ts'
import { programFileOf } from '../../web/lab/jobFile.ts'
import type { LabWorker } from '../../web/lab/labWorker.ts'
import { checkOutputs } from '../../web/lab/numbers/checkOutputs.ts'
import { inputsOf } from '../../web/lab/numbers/fillBuffers.ts'
import { asSent, judgeKernel } from '../../web/lab/numbers/judgeKernel.ts'
import type { LabNumbersApi } from '../../web/lab/numbers/labNumbersApi.ts'
import { templateNames, templateOf } from '../../web/lab/numbers/templates.ts'
import { reflectProgram } from '../../web/lab/reflectProgram.ts'
import { createLabStore } from '../../web/state/labStore.ts'
import { readJobFile } from '../kernel/jobFile.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opentab-exported-'))
})
afterAll(() => rm(folder, { recursive: true }))

const sandbox = { evaluate: () => Promise.reject(new Error('There is no frame here.')) }

/** A lab with its numbers, and no GPU: an export wants none. */
function makeLab() {
  const numbers: LabNumbersApi = {
    templates: async () => templateNames(),
    template: async (kernel, variant) => templateOf(kernel, variant)!,
    reflect: async (programs) => programs.map(reflectProgram),
    asSent: async (job) => asSent(job),
    gate: async (jobs, budget) => jobs.map((job) => judgeKernel(job, budget)),
    inputs: async (request) => inputsOf(request),
    check: (request, outputs) => checkOutputs(request, outputs, sandbox),
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
