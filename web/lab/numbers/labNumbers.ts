/** The lab's worker for numbers: no network, and ended when it hangs. */
import { expose, type Remote, transfer } from 'comlink'
import { OpentabError } from '../../../protocol/errors.ts'
import { transferErrors } from '../../../worker/compute/transferError.ts'
import { readDeclarations } from '../readDeclarations.ts'
import { type ExpressionSandbox, movedWith } from '../sandbox/expressionTask.ts'
import { checkOutputs, referenceBytes } from './checkOutputs.ts'
import { inputsOf } from './fillBuffers.ts'
import { asSent, judgeKernel } from './judgeKernel.ts'
import type { LabNumbersApi, NumbersStart } from './labNumbersApi.ts'
import { templateNames, templateOf } from './templates.ts'

const sandbox = Promise.withResolvers<ExpressionSandbox>()
/** Expressions run where the page says, not here: this worker has the relay's origin. */
const elsewhere: ExpressionSandbox = {
  evaluate: async (task) => (await sandbox.promise).evaluate(transfer(task, movedWith(task))),
}

const api: LabNumbersApi & NumbersStart = {
  async start(given) {
    sandbox.resolve(given as unknown as Remote<ExpressionSandbox>)
  },
  templates: async () => templateNames(),
  async template(kernel, variant) {
    const session = templateOf(kernel, variant)
    if (!session) throw new OpentabError('not_found', `The library has no ${kernel} ${variant}.`)
    return session
  },
  reflect: async (programs) => programs.map(readDeclarations),
  asSent: async (job) => asSent(job),
  gate: async (jobs, budget) => jobs.map((job) => judgeKernel(job, budget)),
  inputs: async (request) => inputsOf(request),
  check: (request, outputs) => checkOutputs(request, outputs, elsewhere),
  reference: (request) => referenceBytes(request, elsewhere),
}

transferErrors()
expose(api)
