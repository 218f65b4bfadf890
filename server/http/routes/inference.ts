import type { FastifyReply, FastifyRequest } from 'fastify'
import { OpentabError } from '../../../protocol/errors.ts'
import { receiptsOf } from '../../jobs/jobReceipts.ts'
import type { Job } from '../../jobs/jobRecords.ts'
import { modelOfKind } from '../../jobs/namedModel.ts'
import { runJob } from '../../jobs/runJob.ts'
import { MAX_RECEIPT_HEADER_CHARACTERS } from '../../openai/openaiLimits.ts'
import { parseEmbeddingsRequest } from '../../pipelines/embeddings/embeddingsRequest.ts'
import { type OcrBody, parseOcrRequest } from '../../pipelines/ocr/ocrRequest.ts'
import { type HttpContext, leaveSignal, type Routes } from '../httpContext.ts'
import { requesterOf } from '../requester.ts'

/** Runs a job for the request's requester and names its receipts in the answer's header. */
export async function answerWith(
  context: HttpContext,
  request: FastifyRequest,
  reply: FastifyReply,
  kind: string,
  body: unknown,
): Promise<Job> {
  const requester = requesterOf(request, context.keys, context.keyRequired)
  const job = await runJob(context.core, { kind, body, requester }, leaveSignal(reply))
  reply.header('x-opentab-receipt', receiptHeader(receiptsOf(job)))
  reply.header('x-opentab-salt-key', job.saltKey)
  return job
}

/** As many receipts as a header can hold: an answer over many stages has thousands, and its body names them all. */
export function receiptHeader(receipts: readonly string[]): string {
  const all = receipts.join(',')
  if (all.length <= MAX_RECEIPT_HEADER_CHARACTERS) return all
  return all.slice(0, all.lastIndexOf(',', MAX_RECEIPT_HEADER_CHARACTERS))
}

function ocrBody(request: FastifyRequest): OcrBody & { model?: string } {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type === 'image/png' || type === 'image/jpeg') {
    const image = request.body as Buffer
    if (image.byteLength === 0)
      throw new OpentabError('invalid_value', 'The image is empty.', { param: 'image' })
    return { image: new Uint8Array(image) }
  }
  if (type === 'application/json') {
    const { image, model } = parseOcrRequest(request.body)
    return { image, ...(model === undefined ? {} : { model }) }
  }
  throw new OpentabError('invalid_value', `The content type ${JSON.stringify(type ?? '')} is not taken.`, {
    param: 'content-type',
    fix: 'Send image/png, image/jpeg, or application/json with {"image": base64}.',
  })
}

/** `/v1/embeddings` and `/v1/ocr`. */
export const inferenceRoutes: Routes = (app, context) => {
  app.post('/v1/embeddings', async (request, reply) => {
    requesterOf(request, context.keys, context.keyRequired)
    const body = parseEmbeddingsRequest(request.body)
    modelOfKind(context.registry, 'embeddings', body.model)
    return (await answerWith(context, request, reply, 'embeddings', body)).answer
  })
  app.post('/v1/ocr', async (request, reply) => {
    requesterOf(request, context.keys, context.keyRequired)
    const body = ocrBody(request)
    modelOfKind(context.registry, 'ocr', body.model)
    const job = await answerWith(context, request, reply, 'ocr', body)
    return { ...(job.answer as object), receipts: receiptsOf(job) }
  })
}
