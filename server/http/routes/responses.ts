import { modelOfKind } from '../../jobs/namedModel.ts'
import { MAX_TEXT_BODY_BYTES } from '../../openai/openaiLimits.ts'
import { opentabOf } from '../../openai/opentabOf.ts'
import { parseResponseRequest } from '../../openai/responseRequest.ts'
import { responseStream } from '../../openai/responseStream.ts'
import { streamJob } from '../../openai/streamJob.ts'
import { systemFingerprint } from '../../openai/systemFingerprint.ts'
import type { Routes } from '../httpContext.ts'
import { requesterOf } from '../requester.ts'
import { answerWith } from './inference.ts'

/** `/v1/responses`, as the OpenAI API has it. */
export const responseRoutes: Routes = (app, context) => {
  const bodyLimit = Math.min(MAX_TEXT_BODY_BYTES, context.config.MAX_BODY_BYTES)
  app.post('/v1/responses', { bodyLimit }, async (request, reply) => {
    requesterOf(request, context.keys, context.keyRequired)
    const body = parseResponseRequest(request.body, context.core.clock.now())
    const model = modelOfKind(context.registry, 'chat', body.model)
    if (body.stream) {
      const format = responseStream(body, systemFingerprint(model.hash, context.relay.version))
      return streamJob(context, request, reply, 'responses', body, format)
    }
    const job = await answerWith(context, request, reply, 'responses', body)
    return { ...(job.answer as object), opentab: opentabOf(job) }
  })
}
