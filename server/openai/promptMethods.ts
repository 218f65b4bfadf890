import { Template } from '@huggingface/jinja'
import { OpentabError } from '../../protocol/errors.ts'
import { loadTokenizer } from '../../protocol/text/loadTokenizer.ts'
import type { TextTokenizer } from '../../protocol/text/textTokenizer.ts'
import type { TemplateMessage } from './chatMessages.ts'

interface LoadedLanguage {
  tokenizer: TextTokenizer
  template: Template | null
  /** Texts of the tokens that begin a prompt and end an answer, which templates ask for. */
  beginText: string
  endText: string
  /** Bytes of the longest token. */
  longestBytes: number
}

const languages = new Map<string, LoadedLanguage>()

export interface LanguageFiles {
  /** Under which the thread keeps it. */
  name: string
  /** tokenizer.json */
  tokenizer: Uint8Array
  template: string | null
  beginToken: number | null
  endToken: number | null
}

/** Bytes of every token one after the other, and where each ends: u32[vocabulary]. */
export interface TokenTable {
  bytes: Uint8Array
  ends: Uint32Array
}

/**
 * Loads a model's tokenizer and template, once.
 * @throws OpentabError `model_refused`
 */
export function loadLanguage(files: LanguageFiles): TokenTable {
  const json = new TextDecoder().decode(files.tokenizer)
  let loaded: LoadedLanguage
  let tokens: readonly Uint8Array[]
  try {
    const tokenizer = loadTokenizer(json)
    tokens = tokenizer.tokenBytes()
    const specials = specialTexts(json)
    loaded = {
      tokenizer,
      template: files.template === null ? null : new Template(files.template),
      beginText: specials.get(files.beginToken ?? -1) ?? '',
      endText: specials.get(files.endToken ?? -1) ?? '',
      longestBytes: [...specials.values()].reduce(
        (most, text) => Math.max(most, Buffer.byteLength(text)),
        tokens.reduce((most, { byteLength }) => Math.max(most, byteLength), 1),
      ),
    }
  } catch (error) {
    if (error instanceof OpentabError) throw error
    throw new OpentabError('model_refused', `The chat template cannot be read: ${String(error)}`)
  }
  languages.set(files.name, loaded)
  return tokenTable(tokens)
}

/** Texts of the tokens that tokenizer.json lists beside its vocabulary, by id. */
function specialTexts(json: string): Map<number, string> {
  const { added_tokens } = JSON.parse(json) as { added_tokens?: { id: number; content: string }[] }
  return new Map((added_tokens ?? []).map(({ id, content }) => [id, content]))
}

function tokenTable(tokens: readonly Uint8Array[]): TokenTable {
  const ends = new Uint32Array(tokens.length)
  let end = 0
  for (const [id, { byteLength }] of tokens.entries()) ends[id] = end += byteLength
  const bytes = new Uint8Array(end)
  for (const [id, token] of tokens.entries()) bytes.set(token, ends[id]! - token.byteLength)
  return { bytes, ends }
}

/** Token ids of a prompt, or how many it has at least when that is beyond the limit. */
export type Tokenised = { ids: Int32Array } | { atLeast: number }

export interface ChatPrompt {
  /** Of loadLanguage. */
  name: string
  messages: TemplateMessage[]
  /** Given to the template as they are; null where there are none. */
  tools: object[] | null
  /** What the answer begins with, put at the prompt's end. */
  begin: string
  /** Most tokens. */
  limit: number
}

/**
 * The prompt of a conversation by the model's own template, with the turn of the assistant opened.
 * @throws OpentabError `invalid_value` when the template refuses the messages
 */
export function chatPrompt({ name, messages, tools, begin, limit }: ChatPrompt): Tokenised {
  const { template, tokenizer, beginText, endText, longestBytes } = languageOf(name)
  if (!template)
    throw new OpentabError('invalid_value', 'The model has no chat template.', {
      param: 'model',
      fix: 'Send a prompt to /v1/completions.',
    })
  let text: string
  try {
    text = template.render({
      messages,
      tools,
      add_generation_prompt: true,
      // Models whose template can think answer at once: docs/requesters.md.
      enable_thinking: false,
      bos_token: beginText,
      eos_token: endText,
    })
  } catch (error) {
    throw new OpentabError(
      'invalid_value',
      `The model's chat template refuses the messages: ${error instanceof Error ? error.message : String(error)}`,
      { param: 'messages' },
    )
  }
  return tokenise(tokenizer, longestBytes, text + begin, limit)
}

export interface TextPrompts {
  name: string
  texts: string[]
  /** Token that each prompt begins with. */
  beginToken: number | null
  limit: number
}

/** Plain prompts, as they are. */
export function textPrompts({ name, texts, beginToken, limit }: TextPrompts): Tokenised[] {
  const { tokenizer, longestBytes } = languageOf(name)
  return texts.map((text) => {
    const tokenised = tokenise(tokenizer, longestBytes, text, limit)
    if (beginToken === null || 'atLeast' in tokenised || tokenised.ids[0] === beginToken) return tokenised
    const ids = new Int32Array(tokenised.ids.length + 1)
    ids[0] = beginToken
    ids.set(tokenised.ids, 1)
    return { ids }
  })
}

/** A text that is too long by its bytes alone is not tokenised: that could take minutes. */
function tokenise(tokenizer: TextTokenizer, longestBytes: number, text: string, limit: number): Tokenised {
  const atLeast = Math.ceil(Buffer.byteLength(text) / longestBytes)
  return atLeast > limit ? { atLeast } : { ids: Int32Array.from(tokenizer.encode(text)) }
}

function languageOf(name: string): LoadedLanguage {
  const language = languages.get(name)
  if (!language) throw new OpentabError('internal', `The tokenizer ${name} was not loaded.`)
  return language
}

/** What the prompt thread can do. */
export const promptMethods = { loadLanguage, chatPrompt, textPrompts }
export type PromptMethods = typeof promptMethods
