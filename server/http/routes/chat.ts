import { modelOfKind } from '../../jobs/namedModel.ts'
import { parseChatRequest } from '../../openai/chatRequest.ts'
import { chatStream } from '../../openai/chatStream.ts'
import { MAX_TEXT_BODY_BYTES } from '../../openai/openaiLimits.ts'
import { opentabOf } from '../../openai/opentabOf.ts'
import { streamJob } from '../../openai/streamJob.ts'
import { systemFingerprint } from '../../openai/systemFingerprint.ts'
import type { Routes } from '../httpContext.ts'
import { requesterOf } from '../requester.ts'
import { answerWith } from './inference.ts'

/** `/v1/chat/completions`, as the OpenAI API has it. */
export const chatRoutes: Routes = (app, context) => {
  const bodyLimit = Math.min(MAX_TEXT_BODY_BYTES, context.config.MAX_BODY_BYTES)
  app.post('/v1/chat/completions', { bodyLimit }, async (request, reply) => {
    requesterOf(request, context.keys, context.keyRequired)
    const body = parseChatRequest(request.body, context.core.clock.now())
    const model = modelOfKind(context.registry, 'chat', body.model)
    if (body.stream) {
      const format = chatStream(body, systemFingerprint(model.hash, context.relay.version))
      return streamJob(context, request, reply, 'chat', body, format)
    }
    const job = await answerWith(context, request, reply, 'chat', body)
    return { ...(job.answer as object), opentab: opentabOf(job) }
  })
}
