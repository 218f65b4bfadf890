import { modelOfKind } from '../../jobs/namedModel.ts'
import { parseCompletionRequest } from '../../openai/completionRequest.ts'
import { completionStream } from '../../openai/completionStream.ts'
import { MAX_TEXT_BODY_BYTES } from '../../openai/openaiLimits.ts'
import { opentabOf } from '../../openai/opentabOf.ts'
import { streamJob } from '../../openai/streamJob.ts'
import { systemFingerprint } from '../../openai/systemFingerprint.ts'
import type { Routes } from '../httpContext.ts'
import { requesterOf } from '../requester.ts'
import { answerWith } from './inference.ts'

/** `/v1/completions`, as the OpenAI API has it. */
export const completionRoutes: Routes = (app, context) => {
  const bodyLimit = Math.min(MAX_TEXT_BODY_BYTES, context.config.MAX_BODY_BYTES)
  app.post('/v1/completions', { bodyLimit }, async (request, reply) => {
    requesterOf(request, context.keys, context.keyRequired)
    const body = parseCompletionRequest(request.body, context.core.clock.now())
    const model = modelOfKind(context.registry, 'chat', body.model)
    if (body.stream) {
      const format = completionStream(body, systemFingerprint(model.hash, context.relay.version))
      return streamJob(context, request, reply, 'completions', body, format)
    }
    const job = await answerWith(context, request, reply, 'completions', body)
    return { ...(job.answer as object), opentab: opentabOf(job) }
  })
}
