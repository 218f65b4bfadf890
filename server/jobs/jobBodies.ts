import { z } from 'zod'
import { OpentabError } from '../../protocol/errors.ts'
import { MAX_TENSORS } from '../../protocol/limits.ts'
import { isKernelName, type KernelName, kernelCodes } from '../../protocol/task.ts'
import { notJson, parseRequestBody } from '../pipelines/requestBody.ts'
import { type InlineBudget, inlineBudget, refuseWideBody } from './refuseWideBody.ts'
import { tensorJson } from './tensorJson.ts'

/** Largest dimension of a kernel job's matrices: k fits the exact sum of an int8 product in 32 bits. */
const MAX_DIMENSION = 16_384
/** Largest matrix, elements: 64 MiB as 32-bit numbers. */
const MAX_ELEMENTS = 16 * 1024 * 1024
/** Most tasks of one batch. */
const MAX_BATCH = 1000

const dimension = z.int().min(1).max(MAX_DIMENSION)
const inputs = z.array(tensorJson).min(1).max(MAX_TENSORS)

/** `{kind: "kernel", kernel, shape, seed}` or with `inputs` instead of the seed. */
const kernelBody = z.strictObject({
  kind: z.literal('kernel'),
  kernel: z.enum(Object.keys(kernelCodes) as [KernelName, ...KernelName[]]),
  shape: z.strictObject({ m: dimension, k: dimension, n: dimension }),
  seed: z.int().min(0).max(0xffffffff).optional(),
  inputs: inputs.optional(),
})
export type KernelBody = z.infer<typeof kernelBody>

const inferBody = z.strictObject({
  kind: z.literal('infer'),
  /** Model name; `name/graph` for one graph of a model that has several. */
  model: z.string().min(1),
  inputs,
})
export type InferBody = z.infer<typeof inferBody>

/** Many tasks in one job: each is its own task with its own receipt. */
const batchBody = z.strictObject({
  kind: z.literal('batch'),
  tasks: z.array(z.unknown()).min(1).max(MAX_BATCH),
})

export type TaskBody = KernelBody | InferBody
export interface BatchBody {
  kind: 'batch'
  tasks: TaskBody[]
}

/** Fields of a custom kernel (server/kernels/kernelBody.ts). */
const CUSTOM_KERNEL_FIELDS = ['program', 'entryPoint', 'programFile', 'spread', 'bindings']

/**
 * @param budget what the elements of its `data` are counted against
 * @throws OpentabError `invalid_value`, `unsupported_parameter`, `not_available` naming the field
 */
export function parseTaskBody(body: unknown, budget: InlineBudget = inlineBudget()): TaskBody {
  const kind = kindOf(body)
  refuseWideBody(body, budget)
  if (kind === 'infer') return parseRequestBody(inferBody, body)
  if (kind !== 'kernel') {
    throw new OpentabError(
      'invalid_value',
      `\`kind\` is ${JSON.stringify(kind)}; a task is \`kernel\` or \`infer\`.`,
      { param: 'kind' },
    )
  }
  const fields = body as Record<string, unknown>
  if (CUSTOM_KERNEL_FIELDS.some((field) => field in fields)) {
    if (!('program' in fields || 'kernel' in fields)) {
      throw new OpentabError('invalid_value', '`program` is missing, and so is `kernel`.', {
        param: 'program',
        fix: 'Give the WGSL text of a kernel of your own as `program`, or the name of a library kernel as `kernel`.',
      })
    }
    throw new OpentabError('invalid_value', 'A custom kernel is a job of its own.', {
      param: 'program',
      fix: 'Send it to POST /v1/jobs with its `program`, not within a batch.',
    })
  }
  if (typeof fields.kernel === 'string' && !isKernelName(fields.kernel)) {
    throw new OpentabError('invalid_value', `There is no kernel ${JSON.stringify(fields.kernel)}.`, {
      param: 'kernel',
      fix: `Kernels are ${Object.keys(kernelCodes).join(', ')}.`,
    })
  }
  return checkKernel(parseRequestBody(kernelBody, body))
}

function checkKernel(body: KernelBody): KernelBody {
  const { m, k, n } = body.shape
  for (const [what, elements] of [
    ['a[m,k]', m * k],
    ['b[k,n]', k * n],
    ['c[m,n]', m * n],
  ] as const) {
    if (elements > MAX_ELEMENTS) {
      throw new OpentabError(
        'invalid_value',
        `${what} has ${elements} elements; at most ${MAX_ELEMENTS} are taken.`,
        { param: 'shape' },
      )
    }
  }
  if ((body.seed === undefined) === (body.inputs === undefined)) {
    throw new OpentabError('invalid_value', 'A kernel job has either `seed` or `inputs`.', {
      param: 'seed',
      fix: 'Give exactly one of them.',
    })
  }
  return body
}

/** @throws as `parseTaskBody`, with the task's place */
export function parseBatchBody(body: unknown): BatchBody {
  const { tasks } = parseRequestBody(batchBody, body)
  const budget = inlineBudget()
  return {
    kind: 'batch',
    tasks: tasks.map((task, index) => {
      try {
        return parseTaskBody(task, budget)
      } catch (error) {
        if (!(error instanceof OpentabError)) throw error
        throw new OpentabError(error.code, `tasks[${index}]: ${error.message}`, {
          param: `tasks[${index}]${error.param === null ? '' : `.${error.param}`}`,
          fix: error.fix,
        })
      }
    }),
  }
}

/** The `kind` of a job's body. @throws OpentabError `invalid_value` */
export function kindOf(body: unknown): string {
  if (typeof body !== 'object' || body === null || Array.isArray(body) || body instanceof Uint8Array) {
    throw notJson()
  }
  const kind = 'kind' in body ? body.kind : undefined
  if (typeof kind !== 'string')
    throw new OpentabError('invalid_value', '`kind` is missing.', { param: 'kind' })
  return kind
}
