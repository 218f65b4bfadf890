import { hash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { OpentabError } from '../../protocol/errors.ts'
import { MAX_TENSORS } from '../../protocol/limits.ts'
import type { Graph } from '../../protocol/manifest.ts'
import { checkTensor, type Tensor } from '../../protocol/tensor.ts'
import { fitInputs } from '../jobs/fitInputs.ts'
import { refuseWideBody } from '../jobs/refuseWideBody.ts'
import {
  INPUTS,
  type ReadBlob,
  type StoreBlob,
  tensorFromJson,
  tensorJson,
  tensorToJson,
} from '../jobs/tensorJson.ts'
import { parseRequestBody } from '../pipelines/requestBody.ts'
import { refuseLaterOptions } from './refuseLaterOptions.ts'

const HEADER_LENGTH = 'inference-header-content-length'

const inputSchema = tensorJson.extend({
  parameters: z.strictObject({ binary_data_size: z.int().nonnegative().optional() }).optional(),
})
const requestSchema = z.strictObject({
  id: z.string().optional(),
  parameters: z.strictObject({ binary_data_output: z.boolean().optional() }).optional(),
  inputs: z.array(inputSchema).min(1).max(MAX_TENSORS),
  outputs: z
    .array(
      z.strictObject({
        name: z.string(),
        parameters: z.strictObject({ binary_data: z.boolean().optional() }).optional(),
      }),
    )
    .optional(),
})

/** A decoded infer request. */
export interface InferRequest {
  id: string | undefined
  /** In the graph's order. */
  inputs: Tensor[]
  /** Names of the outputs that are wanted, in that order; all of them when the request named none. */
  outputs: { name: string; binary: boolean }[]
}

/**
 * Reads the JSON part and, with the binary extension, the tensors behind it.
 * @throws OpentabError `invalid_value`, `unsupported_parameter`
 */
export function readInferRequest(
  headers: IncomingHttpHeaders,
  body: unknown,
  graph: Graph,
  readBlob: ReadBlob,
): Promise<InferRequest> {
  const header = headers[HEADER_LENGTH]
  if (header === undefined) {
    return decode(body instanceof Uint8Array ? parseJson(body) : body, new Uint8Array(0), graph, readBlob)
  }
  const length = Number(header)
  if (!(body instanceof Uint8Array)) {
    throw new OpentabError(
      'invalid_value',
      `\`${HEADER_LENGTH}\` comes with content-type application/octet-stream.`,
      { param: 'content-type' },
    )
  }
  if (!/^\d+$/.test(String(header)) || length > body.byteLength) {
    throw new OpentabError(
      'invalid_value',
      `\`${HEADER_LENGTH}\` is ${String(header)}; the body has ${body.byteLength} bytes.`,
      { param: HEADER_LENGTH },
    )
  }
  return decode(parseJson(body.subarray(0, length)), body.subarray(length), graph, readBlob)
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch {
    throw new OpentabError('invalid_value', 'The JSON part of the body cannot be parsed.', {
      fix: `Let \`${HEADER_LENGTH}\` be the length of the JSON in bytes, where tensors follow it.`,
    })
  }
}

async function decode(
  json: unknown,
  binary: Uint8Array,
  graph: Graph,
  readBlob: ReadBlob,
): Promise<InferRequest> {
  refuseLaterOptions({}, json)
  refuseWideBody(json)
  const request = parseRequestBody(requestSchema, json)
  let at = 0
  const tensors: Tensor[] = []
  for (const { name, datatype, shape, parameters, data, base64, blob } of request.inputs) {
    const size = parameters?.binary_data_size
    if (size === undefined) {
      tensors.push(await tensorFromJson({ name, datatype, shape, data, base64, blob }, readBlob))
      continue
    }
    if (data !== undefined || base64 !== undefined || blob !== undefined) {
      throw new OpentabError('invalid_value', `Input ${name} has binary_data_size and data.`, {
        param: INPUTS,
        fix: 'Give one.',
      })
    }
    if (at + size > binary.byteLength) {
      throw new OpentabError(
        'invalid_value',
        `Input ${name} announces ${size} bytes; ${binary.byteLength - at} are left.`,
        { param: INPUTS },
      )
    }
    // A copy of its own: the tensor must start at a multiple of its element's size.
    const tensor = { name, datatype, shape, bytes: binary.slice(at, at + size) }
    checkTensor(tensor, INPUTS)
    tensors.push(tensor)
    at += size
  }
  if (at !== binary.byteLength) {
    throw new OpentabError(
      'invalid_value',
      `${binary.byteLength - at} bytes are left over behind the inputs.`,
      { param: INPUTS, fix: 'Let `binary_data_size` of the inputs add up to them.' },
    )
  }
  const allBinary = request.parameters?.binary_data_output ?? false
  const wanted = request.outputs ?? graph.outputs.map(({ name }) => ({ name, parameters: undefined }))
  for (const { name } of wanted) {
    if (graph.outputs.some((output) => output.name === name)) continue
    throw new OpentabError('invalid_value', `The model has no output ${name}.`, { param: 'outputs' })
  }
  return {
    id: request.id,
    inputs: fitInputs(graph, tensors),
    outputs: wanted.map(({ name, parameters }) => ({ name, binary: parameters?.binary_data ?? allBinary })),
  }
}

/**
 * Sends the outputs: JSON, or JSON followed by the bytes of those that were wanted in binary. What is too large for JSON
 * is kept as a blob.
 */
export async function writeInferAnswer(
  reply: FastifyReply,
  model: string,
  request: InferRequest,
  outputs: readonly Tensor[],
  storeBlob: StoreBlob,
): Promise<FastifyReply> {
  const chunks: Uint8Array[] = []
  const described: object[] = []
  for (const { name, binary } of request.outputs) {
    const tensor = outputs.find((output) => output.name === name)
    if (!tensor) throw new OpentabError('internal', `The tab gave no output ${name}.`)
    if (!binary) {
      described.push(await tensorToJson(tensor, storeBlob))
      continue
    }
    const { datatype, shape, bytes } = tensor
    const sha256 = hash('sha256', bytes, 'hex')
    chunks.push(bytes)
    described.push({ name, datatype, shape, sha256, parameters: { binary_data_size: bytes.byteLength } })
  }
  const json = JSON.stringify({
    model_name: model,
    model_version: '1',
    ...(request.id === undefined ? {} : { id: request.id }),
    outputs: described,
  })
  if (chunks.length === 0) return reply.type('application/json').send(json)
  const head = Buffer.from(json)
  return reply
    .header(HEADER_LENGTH, head.byteLength)
    .type('application/octet-stream')
    .send(Buffer.concat([head, ...chunks]))
}
