/** The lab's worker for numbers: no network, and ended when an expression hangs. */
import { expose } from 'comlink'
import { OpentabError } from '../../../protocol/errors.ts'
import { transferErrors } from '../../../worker/compute/transferError.ts'
import { reflectProgram } from '../reflectProgram.ts'
import { checkOutputs } from './checkOutputs.ts'
import { inputsOf } from './fillBuffers.ts'
import { asSent, judgeKernel } from './judgeKernel.ts'
import type { LabNumbersApi } from './labNumbersApi.ts'
import { templateNames, templateOf } from './templates.ts'

const api: LabNumbersApi = {
  templates: async () => templateNames(),
  async template(kernel, variant) {
    const session = templateOf(kernel, variant)
    if (!session) throw new OpentabError('not_found', `The library has no ${kernel} ${variant}.`)
    return session
  },
  reflect: async (programs) => programs.map(reflectProgram),
  asSent: async (job) => asSent(job),
  gate: async (jobs, budget) => jobs.map((job) => judgeKernel(job, budget)),
  inputs: async (request) => inputsOf(request),
  check: checkOutputs,
}

transferErrors()
expose(api)
