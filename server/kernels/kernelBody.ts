import { hash } from 'node:crypto'
import { z } from 'zod'
import { OpentabError } from '../../protocol/errors.ts'
import { BUFFER_NAME, BUFFER_NAME_IN_WORDS } from '../../protocol/kernel/bufferName.ts'
import { checkKernel } from '../../protocol/kernel/checkKernel.ts'
import {
  checkInputs,
  checkOutputNames,
  checkReference,
  MAX_REPEAT,
  outputBytes,
} from '../../protocol/kernel/customTask.ts'
import {
  type KernelRefusal,
  kernelRules,
  MAX_KERNEL_BUFFERS,
  MAX_NAME_CHARACTERS,
  MAX_WORKGROUPS,
} from '../../protocol/kernel/kernelProgram.ts'
import { MAX_FRAME_BYTES, MAX_RANK } from '../../protocol/limits.ts'
import { type Datatype, datatypes } from '../../protocol/tensor.ts'
import { refuseWideBody } from '../jobs/refuseWideBody.ts'
import { type TensorJson, tensorInJson, tensorJson } from '../jobs/tensorJson.ts'
import { parseRequestBody } from '../pipelines/requestBody.ts'

/** Most tabs of one device class that a spread may ask for. */
const MAX_PER_CLASS = 8
/** Room that the frame of a result has for outputs, beside their names and shapes. */
const MAX_OUTPUT_BYTES = MAX_FRAME_BYTES - 64 * 1024
/** Longest program that is read at all, characters: the gate says what is wrong with one that is too long. */
const MAX_TEXT = 16 * 1024 * 1024

const name = z.string().regex(BUFFER_NAME, { error: BUFFER_NAME_IN_WORDS })
// Bounds first: what is beyond both is then told of the bound that counts.
const workgroups = z.number().min(1).max(MAX_WORKGROUPS).int()
const share = z.number().nonnegative().finite()

/** `POST /v1/jobs` with `kind: "kernel"` and a `program`. */
const customKernelBody = z.strictObject({
  kind: z.literal('kernel'),
  /** WGSL text. */
  program: z.string().min(1).max(MAX_TEXT),
  entryPoint: z.string().min(1).max(MAX_NAME_CHARACTERS),
  bindings: z.array(
    z.strictObject({
      name,
      group: z.int().nonnegative().optional(),
      binding: z.int().nonnegative(),
      type: z.enum(['uniform', 'read-only-storage', 'storage']),
      datatype: z.enum(Object.keys(datatypes) as [Datatype, ...Datatype[]]),
      shape: z.array(z.int().nonnegative()).max(MAX_RANK),
    }),
  ),
  overrides: z.record(z.string(), z.number()).default({}),
  dispatch: z.tuple([workgroups, workgroups, workgroups]),
  /** What buffers start with, by the binding's name; the others are zeros. */
  inputs: z.array(tensorJson).max(MAX_KERNEL_BUFFERS).default([]),
  /** Names of the storage buffers that are read back. */
  outputs: z.array(name).min(1).max(MAX_KERNEL_BUFFERS),
  /** Timed runs after the one whose outputs count. */
  repeat: z.int().min(0).max(MAX_REPEAT).default(0),
  /**
   * One tab, or so many of each connected device class: of 32 classes at most, those with the most accounts first, and
   * fewer of each where these were more than 64 tabs.
   */
  spread: z
    .union([z.literal('one'), z.strictObject({ perClass: z.int().min(1).max(MAX_PER_CLASS) })], {
      error: 'must be "one" or {"perClass": n}',
    })
    .default('one'),
  /** Canonical operations of one run, for its price; 0 is free and earns nothing. */
  operations: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).default(0),
  /** How far outputs in floating point may lie apart; each that is given is enough. Without it they must be equal. */
  tolerance: z
    .strictObject({ ulp: share.optional(), absolute: share.optional(), relative: share.optional() })
    .default({}),
  /**
   * What is right, by the outputs' names; without it the outputs that most accounts agree on are. An output that it
   * leaves out is not compared: then nothing is better than `unverified`.
   */
  reference: z.array(tensorJson).min(1).max(MAX_KERNEL_BUFFERS).optional(),
})
export type CustomKernelBody = z.infer<typeof customKernelBody>

export const isCustomKernel = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'program' in body

/** @throws OpentabError `invalid_value`, `unsupported_parameter`, `kernel_refused` with line and rule */
export function parseCustomKernel(body: unknown): CustomKernelBody {
  refuseWideBody(body)
  const parsed = parseRequestBody(customKernelBody, body)
  const verdict = checkKernel(parsed)
  if (!verdict.ok) throw refused(verdict.refusals)
  checkOutputNames(parsed)
  checkElements('inputs', parsed.inputs)
  checkInputs(parsed, parsed.inputs)
  checkElements('reference', parsed.reference ?? [])
  checkReference(parsed, parsed.reference ?? [])
  const bytes = outputBytes(parsed)
  if (bytes > MAX_OUTPUT_BYTES)
    throw new OpentabError(
      'invalid_value',
      `The outputs have ${bytes} bytes; a tab can send ${MAX_OUTPUT_BYTES}.`,
      { param: 'outputs', fix: 'Ask for fewer buffers, or cut the work into several jobs.' },
    )
  const most = Math.floor(verdict.invocations * verdict.serialWork)
  if (parsed.operations <= most) return parsed
  throw new OpentabError(
    'invalid_value',
    `\`operations\` is ${parsed.operations}; this program can do ${most} at most.`,
    {
      param: 'operations',
    },
  )
}

/** Whether the elements that stand in the body fit their tensors; blobs are read when the job runs. */
function checkElements(param: string, tensors: readonly TensorJson[]): void {
  try {
    for (const tensor of tensors) tensorInJson(tensor)
  } catch (error) {
    if (!(error instanceof OpentabError)) throw error
    throw new OpentabError(error.code, error.message, { param, fix: error.fix })
  }
}

/** Names each refusal's line and rule; the rule itself stands in the fix. */
export function refused(refusals: readonly KernelRefusal[]): OpentabError {
  const said = refusals
    .slice(0, 8)
    .map(({ line, column, rule, message }) => `Line ${line}:${column} (${rule}): ${message}`)
  const more = refusals.length > said.length ? ` And ${refusals.length - said.length} more.` : ''
  return new OpentabError('kernel_refused', said.join(' ') + more, {
    param: 'program',
    fix: `Change line ${refusals[0]!.line}. ${kernelRules[refusals[0]!.rule]}`,
  })
}

/** A program's name in receipts. */
export const programHash = (program: string): string => hash('sha256', program, 'hex')
