import { OpentabError } from '../../protocol/errors.ts'
import type { LanguageModel } from '../../protocol/language.ts'
import type { ServedModel } from '../../protocol/manifest.ts'
import { TextStream } from '../../protocol/text/textStream.ts'
import type { ReadFile } from '../pipelines/modelParts.ts'
import { ownCopy } from '../pipelines/pipelineMessages.ts'
import { PipelineThread } from '../pipelines/pipelineThread.ts'
import type { TemplateMessage } from './chatMessages.ts'
import { PROMPT_TIME_LIMIT_MS } from './openaiLimits.ts'
import type { PromptMethods, Tokenised } from './promptMethods.ts'
import { type PromptAsker, PromptQueue } from './promptQueue.ts'
import { type TokenBytes, tokenBytesOf } from './tokenBytes.ts'
import { type ToolStyle, taggedCalls, toolStyleOf } from './toolConvention.ts'

/** A conversation as the model's template gets it. */
export interface Conversation {
  messages: TemplateMessage[]
  tools: object[] | null
  /** What the answer begins with. */
  begin: string
}

/** The text side of a language model: prompts to token ids, token ids to bytes. */
export interface LanguageText {
  tokens: TokenBytes
  toolStyle: ToolStyle
  /** The way of one answer from ids to text, which ends before the first of `stops`. */
  openStream(stops: readonly string[]): TextStream
  /** @throws OpentabError `invalid_value`, `context_length_exceeded`, `time_limit`, `rate_limited` where too many wait */
  chat(conversation: Conversation, asker?: PromptAsker): Promise<number[]>
  /** @throws OpentabError `context_length_exceeded`, `time_limit`, `rate_limited` where too many wait */
  prompts(texts: readonly string[], asker?: PromptAsker): Promise<number[][]>
}

/**
 * The text sides of all models, each loaded once. Templates and tokenizers run in a thread of their own, one prompt after
 * the other and each for a limited time, so that a hostile prompt holds up neither the event loop nor other work.
 */
export class LanguageTexts {
  readonly #readFile: ReadFile
  readonly #limitMs: number
  readonly #thread = new PipelineThread<PromptMethods>(new URL('./promptWorker.ts', import.meta.url))
  readonly #styles = new Map<string, Promise<ToolStyle>>()
  readonly #tokens = new Map<string, TokenBytes>()
  readonly #queue = new PromptQueue()

  /** @param options.limitMs longest time of one prompt */
  constructor(readFile: ReadFile, { limitMs = PROMPT_TIME_LIMIT_MS } = {}) {
    this.#readFile = readFile
    this.#limitMs = limitMs
  }

  /** @throws OpentabError `invalid_value` for a model that is no language model, `model_refused`, `not_found` */
  async of(model: ServedModel): Promise<LanguageText> {
    const { language } = model.manifest
    if (!language)
      throw new OpentabError('invalid_value', `The model ${model.manifest.id} makes no text.`, {
        param: 'model',
      })
    const [toolStyle] = await Promise.all([
      this.#styleOf(model, language),
      this.#tokens.has(model.hash) || this.#queue.inTurn(0, () => this.#load(model, language)),
    ])
    const tokens = this.#tokens.get(model.hash)!
    const limit = language.contextTokens
    const name = model.hash
    const run = <Output>(
      asker: PromptAsker | undefined,
      texts: readonly string[],
      work: () => Promise<Output>,
    ): Promise<Output> => {
      const characters = texts.reduce((sum, { length }) => sum + length, 0)
      return this.#queue.inTurn(
        characters,
        async () => {
          // The thread may have been ended by the prompt before.
          await this.#load(model, language)
          return work()
        },
        asker,
      )
    }
    return {
      tokens,
      toolStyle,
      openStream: (stops) => new TextStream((id) => tokens.of(id), stops),
      chat: (conversation, asker) =>
        run(
          asker,
          conversation.messages.map(({ content }) => content),
          async () => {
            const input = { name, ...conversation, limit }
            return idsOf(await this.#thread.call('chatPrompt', input, this.#limitMs), limit, 'messages')
          },
        ),
      prompts: (texts, asker) =>
        run(asker, texts, async () => {
          const input = { name, texts: [...texts], beginToken: language.generation.beginToken, limit }
          const tokenised = await this.#thread.call('textPrompts', input, this.#limitMs)
          return tokenised.map((one) => idsOf(one, limit, 'prompt'))
        }),
    }
  }

  /** Finds stop texts in an answer's tokens, one after the other: true for the one that completes one. */
  async stopFinder(model: ServedModel, stops: readonly string[]): Promise<(id: number) => boolean> {
    const stream = (await this.of(model)).openStream(stops)
    return (id) => stream.push([id]).stopped !== null
  }

  close(): Promise<void> {
    return this.#thread.close()
  }

  #styleOf({ hash }: ServedModel, { chatTemplate }: LanguageModel): Promise<ToolStyle> {
    let style = this.#styles.get(hash)
    if (!style) {
      style = chatTemplate
        ? this.#readFile(chatTemplate.sha256).then((bytes) => toolStyleOf(new TextDecoder().decode(bytes)))
        : Promise.resolve({ convention: taggedCalls, byTemplate: false })
      this.#styles.set(hash, style)
      style.catch(() => this.#styles.delete(hash))
    }
    return style
  }

  #load({ hash }: ServedModel, language: LanguageModel): Promise<void> {
    return this.#thread.provide(hash, async () => {
      const { tokenizer, chatTemplate, generation } = language
      const [tokenizerBytes, template] = await Promise.all([
        this.#readFile(tokenizer.sha256),
        chatTemplate && this.#readFile(chatTemplate.sha256),
      ])
      const table = await this.#thread.call('loadLanguage', {
        name: hash,
        tokenizer: ownCopy(tokenizerBytes),
        template: template && new TextDecoder().decode(template),
        beginToken: generation.beginToken,
        endToken: generation.endTokens[0] ?? null,
      })
      this.#tokens.set(hash, tokenBytesOf(table))
    })
  }
}

/** @throws OpentabError `context_length_exceeded` with both numbers */
function idsOf(tokenised: Tokenised, limit: number, param: string): number[] {
  if ('ids' in tokenised) return Array.from(tokenised.ids)
  throw new OpentabError(
    'context_length_exceeded',
    `This model's maximum context length is ${limit} tokens, however your prompt has at least ${tokenised.atLeast} tokens.`,
    { param },
  )
}
