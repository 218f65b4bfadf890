import { evaluateExpression } from '../lab/expression.ts'
import { type JobFile, jobFileOf } from '../lab/jobFile.ts'
import { kernelJobsOf } from '../lab/kernelJobs.ts'
import { LabError, wordsOf } from '../lab/labWords.ts'
import type { LabWorker } from '../lab/labWorker.ts'
import type { LabNumbersApi } from '../lab/numbers/labNumbersApi.ts'
import { type Fault, planSession } from '../lab/planSession.ts'
import type { LabSession } from '../lab/session.ts'
import { CHECK_MS, type SessionNumbers } from './sessionNumbers.ts'

/** A session cannot be a job before its fields are mended. */
export class FaultySession extends LabError {
  readonly faults: readonly Fault[]
  constructor(faults: readonly Fault[]) {
    super(wordsOf('lab.hasFault'))
    this.faults = faults
  }
}

/** The first pass of a session as a job for the fleet, with its inputs. @throws FaultySession, LabError when it has no output */
export async function sessionJob(
  session: LabSession,
  { reflect, requestOf, inputs: inputsOf }: SessionNumbers,
  numbers: LabWorker<LabNumbersApi>,
): Promise<JobFile> {
  const found = await reflect(session.programs)
  const { plan, faults } = planSession(session, found)
  const request = requestOf(session, {})
  const filling = await inputsOf(request)
  const [job] = kernelJobsOf(session, found, plan)
  if (!filling.ok || faults.length > 0 || !job)
    throw new FaultySession([...faults, ...(filling.ok ? [] : filling.faults)])
  if (!plan.buffers.some(({ role }) => role === 'output')) throw new LabError(wordsOf('lab.noOutput'))
  const inputs = new Map<string, Uint8Array>(filling.inputs)
  // Uniforms are inputs of a job, too.
  for (const [index, planned] of plan.passes[0]!.bindings.entries()) {
    if (planned.space === 'uniform') inputs.set(job.bindings[index]!.name, planned.bytes)
  }
  const operations = operationsOf(session)
  const sent = await numbers.ask((api) => api.asSent(job), CHECK_MS)
  const { check, toleranceUlp } = session
  const asked = { ...request, check, toleranceUlp }
  const reference = await numbers.ask((api) => api.reference(asked), CHECK_MS)
  return jobFileOf(session, sent, inputs, operations, reference)
}

/** Operations of a run; 0 where nobody said. @throws LabError when the expression has no value */
function operationsOf({ operations, numbers }: LabSession): number {
  if (operations.trim() === '') return 0
  try {
    return evaluateExpression(operations, numbers)
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    throw new LabError({ ...error.words, field: wordsOf('setup.operations') })
  }
}
