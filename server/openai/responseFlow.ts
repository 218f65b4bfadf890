import type { Flow } from '../jobs/flow.ts'
import { conversationOf, type LanguageFlowOptions } from './chatFlow.ts'
import { runChoices } from './languageRun.ts'
import { type ResponseObject, responseEnded } from './responseAnswer.ts'
import type { ResponseBody } from './responseRequest.ts'
import { systemFingerprint } from './systemFingerprint.ts'

/** One answer to a conversation, as a response; emits a LanguageEvent for what comes. */
export const createResponseFlow =
  ({ model, textOf, version }: LanguageFlowOptions): Flow<ResponseBody, ResponseObject> =>
  async (body, context) => {
    const text = await textOf(model)
    const { conversation, request, tools } = conversationOf(body, text)
    const prompt = await text.chat(conversation)
    const { stamp, stream } = body
    const run = { model, text, prompt, request, tools, choices: 1, firstChoice: 0, stamp, stream }
    const { choices, usage } = await runChoices(run, context)
    return responseEnded(body, systemFingerprint(model.hash, version), choices[0]!, usage)
  }
