import { OpentabError } from '../../protocol/errors.ts'
import {
  type CustomKernel,
  checkOutputNames,
  descriptionTensor,
  outputBytes,
} from '../../protocol/kernel/customTask.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import type { Core } from '../core.ts'
import type { FlowContext } from '../jobs/flow.ts'
import {
  type OutputJson,
  type ReadBlob,
  type StoreBlob,
  tensorFromJson,
  tensorToJson,
} from '../jobs/tensorJson.ts'
import { untilAborted } from '../jobs/untilAborted.ts'
import { hasStanding, initialSamplingState } from '../verify/samplingPolicy.ts'
import { type Attempt, Fleet } from './fleet.ts'
import { type CustomKernelBody, programHash } from './kernelBody.ts'
import { findingsOf, type KernelFindings, type KernelRow } from './kernelMatrix.ts'

/** Open jobs of custom kernels that one requester may have, those before a restart of the relay included. */
export const MOST_OPEN_KERNEL_JOBS = 1000

/** `result` of a custom kernel's job. */
export interface KernelAnswer {
  /** Those that count; null where none do. */
  outputs: OutputJson[] | null
  matrix: KernelRow[]
  /** Outputs that the reference does not name; empty without one. */
  notCompared: string[]
}

export interface KernelFlowOptions {
  core: () => Core
  readBlob: ReadBlob
  storeBlob: StoreBlob
}

/** Runs a custom kernel in the tabs that its job asks for and compares what they found. */
export function createKernelFlow({ core: coreOf, readBlob, storeBlob }: KernelFlowOptions) {
  return async (body: CustomKernelBody, context: FlowContext): Promise<KernelAnswer> => {
    const core = coreOf()
    const decode = (tensors: CustomKernelBody['inputs']): Promise<Tensor[]> =>
      Promise.all(tensors.map((tensor) => tensorFromJson(tensor, readBlob)))
    const inputs = await decode(body.inputs)
    const reference = body.reference?.length ? await decode(body.reference) : null
    const kernel: CustomKernel = body
    // A job that an older relay took and kept.
    checkOutputNames(kernel)
    const task = {
      subject: programHash(body.program),
      inputs: [descriptionTensor(kernel), ...inputs],
      operations: body.operations,
    }
    const fleet = new Fleet(core, context, task, body, outputBytes(kernel))
    let attempts: Attempt[]
    let findings: KernelFindings
    try {
      attempts = await fleet.run()
      findings = await findingsOf(
        attempts.map(({ run }) => run),
        {
          reference,
          comparerOf: (sets) => core.checker.comparerOf(sets, body.tolerance),
          hasStanding: (address) => hasStanding(core.ledger.knownPayee(address) ?? initialSamplingState),
          signal: context.signal,
        },
      )
      for (const [i, { judge }] of attempts.entries()) judge?.({ ok: true, verdict: findings.confirmed[i]! })
    } catch (error) {
      await fleet.giveUp()
      throw error
    }
    await untilAborted(Promise.all(attempts.map(({ written }) => written)), context.signal)
    if (body.spread === 'one' && attempts.every(({ run }) => run.outputs === null))
      throw new OpentabError(
        'task_failed',
        `The kernel did not run: ${attempts[0]?.run.failure ?? 'no tab took it'}`,
      )
    let outputs: OutputJson[] | null = null
    for (const tensor of findings.outputs ?? []) {
      outputs ??= []
      outputs.push(await tensorToJson(tensor, storeBlob))
    }
    return { outputs, matrix: findings.matrix, notCompared: findings.notCompared }
  }
}
