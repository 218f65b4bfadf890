import type { Flow } from '../jobs/flow.ts'
import { conversationOf, type LanguageFlowOptions } from './chatFlow.ts'
import { type MadeChoices, runChoices } from './languageRun.ts'
import { type ResponseObject, responseEnded } from './responseAnswer.ts'
import type { ResponseBody } from './responseRequest.ts'
import { systemFingerprint } from './systemFingerprint.ts'

/** One answer to a conversation, as a response; emits a LanguageEvent for what comes. */
export const createResponseFlow =
  ({ model, textOf, version }: LanguageFlowOptions): Flow<ResponseBody, ResponseObject> =>
  async (body, context) => {
    const text = await textOf(model)
    const { conversation, request, tools } = conversationOf(body, text)
    const prompt = await text.chat(conversation, context)
    const { stamp, stream } = body
    const run = { model, text, prompt, request, tools, choices: 1, firstChoice: 0, stamp, stream }
    const fingerprint = systemFingerprint(model.hash, version)
    const response = ({ choices, usage }: MadeChoices): ResponseObject =>
      responseEnded(body, fingerprint, choices[0]!, usage)
    return response(await runChoices(run, context, (made) => context.emit({ whole: response(made) })))
  }
