import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { OpentabError } from '../../../protocol/errors.ts'
import { endJob } from '../../jobs/endJob.ts'
import { kindOf, parseBatchBody, parseTaskBody } from '../../jobs/jobBodies.ts'
import { CUSTOM_KERNEL_JOB } from '../../jobs/jobKinds.ts'
import { jobName } from '../../jobs/jobRecords.ts'
import { type JobView, jobOf, stateOf, viewJob } from '../../jobs/jobView.ts'
import { modelOfKind } from '../../jobs/namedModel.ts'
import { submitJob } from '../../jobs/submitJob.ts'
import { isCustomKernel, parseCustomKernel } from '../../kernels/kernelBody.ts'
import { programKey } from '../../kernels/programKey.ts'
import { refuseQuarantined } from '../../kernels/quarantine.ts'
import { parseChatRequest } from '../../openai/chatRequest.ts'
import { refuseValue } from '../../openai/textFields.ts'
import { parseEmbeddingsRequest } from '../../pipelines/embeddings/embeddingsRequest.ts'
import { parseOcrRequest } from '../../pipelines/ocr/ocrRequest.ts'
import { parseRequestBody } from '../../pipelines/requestBody.ts'
import { openEventStream } from '../eventStream.ts'
import type { HttpContext, Routes } from '../httpContext.ts'
import { requesterOf } from '../requester.ts'

const wrapped = z.strictObject({ kind: z.string(), body: z.record(z.string(), z.unknown()) })
const EVENT_EVERY_MS = 200

/** A job's body as its kind keeps it. */
function parseJob(context: HttpContext, body: unknown): { kind: string; body: unknown } {
  const kind = kindOf(body)
  switch (kind) {
    case 'kernel':
      if (isCustomKernel(body)) {
        const custom = parseCustomKernel(body)
        refuseQuarantined(context.core, programKey(custom.program))
        return { kind: CUSTOM_KERNEL_JOB, body: custom }
      }
      return { kind, body: parseTaskBody(body) }
    case 'infer':
      return { kind, body: parseTaskBody(body) }
    case 'batch':
      return { kind, body: parseBatchBody(body) }
    case 'embeddings': {
      const inner = parseEmbeddingsRequest(parseRequestBody(wrapped, body).body)
      modelOfKind(context.registry, 'embeddings', inner.model)
      return { kind, body: inner }
    }
    case 'ocr': {
      const inner = parseOcrRequest(parseRequestBody(wrapped, body).body)
      modelOfKind(context.registry, 'ocr', inner.model)
      return { kind, body: inner }
    }
    case 'chat': {
      const inner = parseChatRequest(parseRequestBody(wrapped, body).body, context.core.clock.now())
      if (inner.stream) refuseValue('body.stream', 'must be false: a job is not streamed')
      modelOfKind(context.registry, 'chat', inner.model)
      return { kind, body: inner }
    }
    default:
      throw new OpentabError('invalid_value', `There is no job kind ${JSON.stringify(kind)}.`, {
        param: 'kind',
        fix: 'Kinds are kernel, infer, batch, ocr, embeddings and chat.',
      })
  }
}

/** Background jobs: `/v1/jobs`. */
export const jobRoutes: Routes = (app, context) => {
  const { core, blobs } = context
  const requester = (request: FastifyRequest): string =>
    requesterOf(request, context.keys, context.keyRequired)
  const view = (request: FastifyRequest<{ Params: { id: string } }>): Promise<JobView> =>
    viewJob(core, request.params.id, requester(request), (bytes, sha256) => blobs.keep(bytes, sha256))

  app.post('/v1/jobs', async (request, reply) => {
    const account = requester(request)
    const job = await submitJob(core, {
      ...parseJob(context, request.body),
      requester: account,
      mode: 'background',
    })
    return reply.code(202).send({ id: jobName(job), state: stateOf(job) })
  })
  app.get<{ Params: { id: string } }>('/v1/jobs/:id', async (request) => view(request))
  app.delete<{ Params: { id: string } }>('/v1/jobs/:id', async (request) => {
    const job = core.jobs.get(jobOf(core, request.params.id, requester(request)).seq)
    if (job) {
      endJob(core, job, 'cancelled', {
        error: new OpentabError('cancelled', 'The requester deleted the job.'),
      })
      await core.commit.durable()
    }
    return view(request)
  })
  app.get<{ Params: { id: string } }>('/v1/jobs/:id/events', async (request, reply) => {
    const first = await view(request)
    const job = core.jobs.get(jobOf(core, request.params.id, requester(request)).seq)
    // Without it the job has ended, perhaps while it was looked at.
    const shown = job ? first : await view(request)
    let cancel = (): void => {}
    let over = false
    const end = (): void => {
      over = true
      cancel()
      view(request)
        .then((last) => stream.send('state', last))
        .catch((error: unknown) => core.report(error, 'the end of a stream of events'))
        .finally(() => stream.end())
    }
    const stream = openEventStream(reply, core.clock, () => {
      over = true
      cancel()
      job?.listeners.delete(end)
    })
    stream.send('state', shown)
    if (!job) return stream.end()
    job.listeners.add(end)
    let state = shown.state
    const look = (): void => {
      cancel = core.clock.after(EVENT_EVERY_MS, look)
      if (job.ended || stateOf(job) === state || stream.behind) return
      state = stateOf(job)
      view(request).then(
        (now) => over || stream.send('state', now),
        (error: unknown) => core.report(error, 'a stream of events'),
      )
    }
    cancel = core.clock.after(EVENT_EVERY_MS, look)
  })
}
