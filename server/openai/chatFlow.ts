import type { ServedModel } from '../../protocol/manifest.ts'
import type { Flow } from '../jobs/flow.ts'
import { type ChatCompletion, chatCompletion, chatHead } from './chatAnswer.ts'
import type { ChatBody } from './chatRequest.ts'
import { type GenerationRequest, type MadeChoices, runChoices } from './languageRun.ts'
import type { Conversation, LanguageText } from './languageText.ts'
import { systemFingerprint } from './systemFingerprint.ts'
import type { ToolCallStreamOptions } from './toolCallStream.ts'
import { templateTool, toolConstraint, withoutTools } from './toolConvention.ts'

/** What the language flows are made of. */
export interface LanguageFlowOptions {
  model: ServedModel
  textOf: (model: ServedModel) => Promise<LanguageText>
  /** The relay's version, for the fingerprint. */
  version: string
}

/** A conversation's answers; emits a LanguageEvent for what comes. */
export const createChatFlow =
  ({ model, textOf, version }: LanguageFlowOptions): Flow<ChatBody, ChatCompletion> =>
  async (body, context) => {
    const text = await textOf(model)
    const { conversation, request, tools } = conversationOf(body, text)
    const { choices, stamp, stream } = body
    const prompt = await text.chat(conversation, context)
    const head = chatHead(body, systemFingerprint(model.hash, version))
    const completion = (made: MadeChoices): ChatCompletion => chatCompletion(head, made.choices, made.usage)
    const run = { model, text, prompt, request, tools, choices, firstChoice: 0, stamp, stream }
    return completion(await runChoices(run, context, (made) => context.emit({ whole: completion(made) })))
  }

/** The prompt's parts, and what its answer is held to and read by, with the model's way of calling tools. */
export function conversationOf(
  { messages, tools, request }: Pick<ChatBody, 'messages' | 'tools' | 'request'>,
  { toolStyle: { convention, byTemplate } }: LanguageText,
): { conversation: Conversation; request: GenerationRequest; tools: ToolCallStreamOptions | null } {
  const told = byTemplate ? messages : withoutTools(messages, tools?.tools ?? null)
  const conversation = { messages: told, tools: byTemplate && tools ? tools.tools.map(templateTool) : null }
  if (!tools) return { conversation: { ...conversation, begin: '' }, request, tools: null }
  return {
    conversation: { ...conversation, begin: tools.required ? convention.begin : '' },
    request: { ...request, constraint: toolConstraint(tools, convention) },
    tools: {
      convention,
      names: tools.tools.map(({ name }) => name),
      // A call that is required is the whole answer.
      parallel: tools.parallel && !tools.required,
      isOpen: tools.required,
    },
  }
}
