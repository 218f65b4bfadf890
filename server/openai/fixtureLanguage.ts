import { hash } from 'node:crypto'
import { tinyTokenizerFiles } from '../../models/language/tiny/tinyTokenizer.ts'
import type { LanguageModel } from '../../protocol/language.ts'
import type { Manifest, ServedModel, Shard } from '../../protocol/manifest.ts'
import { loadTokenizer } from '../../protocol/text/loadTokenizer.ts'
import type { TextTokenizer } from '../../protocol/text/textTokenizer.ts'
import type { FlowContext } from '../jobs/flow.ts'
import type { Answer, AnswerRequest } from '../language/answer.ts'

/** ChatML that tells of tools and calls by itself, in the manner of Qwen 2.5's template. */
export const toolTemplate = `{%- if tools %}<|im_start|>system
{% if messages[0].role == 'system' %}{{ messages[0].content }} {% endif %}Tools:{% for tool in tools %} {{ tool | tojson }}{% endfor %}
Call: <tool_call>{"name", "arguments"}</tool_call><|im_end|>
{% elif messages[0].role == 'system' %}<|im_start|>system
{{ messages[0].content }}<|im_end|>
{% endif -%}
{%- for message in messages %}{% if message.role != 'system' %}<|im_start|>{{ message.role }}
{{ message.content }}{% for call in message.tool_calls or [] %}<tool_call>{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}</tool_call>{% endfor %}<|im_end|>
{% elif not loop.first %}{{ raise_exception('The system message must come first.') }}{% endif %}{% endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}`

/** ChatML without a word of tools, like SmolLM2's. */
export const plainTemplate =
  "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"

export interface FixtureLanguageOptions {
  id?: string
  template?: string | null
  contextTokens?: number
  generation?: Partial<LanguageModel['generation']>
}

/** A language model without weights, for tests of its text side. */
export interface FixtureLanguage {
  model: ServedModel
  tokenizer: TextTokenizer
  /** Its files by hash. */
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
  readFile(sha256: string): Promise<Uint8Array<ArrayBuffer>>
}

const END_OF_TURN = 2

export function fixtureLanguage({
  id = 'fixture-chat',
  template = plainTemplate,
  contextTokens = 512,
  generation = {},
}: FixtureLanguageOptions = {}): FixtureLanguage {
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  const file = (content: string): Shard => {
    const bytes = new TextEncoder().encode(content)
    const sha256 = hash('sha256', bytes, 'hex')
    files.set(sha256, bytes)
    return { sha256, bytes: bytes.byteLength }
  }
  const json = JSON.stringify(tinyTokenizerFiles().tokenizer)
  const tokenizer = loadTokenizer(json)
  const language: LanguageModel = {
    family: 'llama',
    layers: 1,
    width: 4,
    heads: 1,
    kvHeads: 1,
    headSize: 4,
    feedForward: 4,
    vocabulary: tokenizer.vocabulary,
    contextTokens,
    embeddingScale: 1,
    windows: [null],
    layerMultiplyAdds: [100],
    stages: [
      {
        layers: [0, 1],
        graph: file('graph'),
        packedGraph: null,
        weights: file('weights'),
        expandedBytes: 100,
        embedding: 'embedding',
        head: true,
      },
    ],
    hidden: 'f32',
    tokenizer: file(json),
    chatTemplate: template === null ? null : file(template),
    generation: { endTokens: [END_OF_TURN], beginToken: null, ...generation },
    weightsRoot: 'ab'.repeat(32),
    sourceSha256: 'cd'.repeat(32),
    measured: null,
  }
  const manifest: Manifest = {
    v: 1,
    id,
    kind: 'chat',
    graphs: [],
    language,
    files: {},
    licence: 'unknown',
    source: 'the tests',
  }
  return {
    model: { hash: hash('sha256', JSON.stringify(manifest), 'hex'), manifest },
    tokenizer,
    files,
    async readFile(sha256) {
      const bytes = files.get(sha256)
      if (!bytes) throw new Error(`no file ${sha256}`)
      return bytes
    },
  }
}

/** What the model of a scripted context says: a text, or for each answer one; how it ends; how many tokens at once. */
export interface Script {
  says: string | readonly string[]
  finish?: Answer['finish']
  atOnce?: number
  cachedTokens?: number
  /** When the checks of its answers are done; at once unless given. */
  checked?: Promise<void>
}

/** A FlowContext whose model says what it is told to, and keeps what it was asked. */
export interface ScriptedContext extends FlowContext {
  readonly asked: AnswerRequest[]
  /** Of each of them whether somebody reads along. */
  readonly readAlong: boolean[]
  events: unknown[]
}

export function scriptedContext({ tokenizer }: FixtureLanguage, script: Script): ScriptedContext {
  const asked: AnswerRequest[] = []
  const readAlong: boolean[] = []
  const events: unknown[] = []
  return {
    asked,
    readAlong,
    events,
    signal: new AbortController().signal,
    emit: (event) => void events.push(event),
    task: () => Promise.reject(new Error('no tasks here')),
    async answer(choice, request, onChunk) {
      asked[choice] = request
      readAlong[choice] = onChunk !== null
      const { says, finish = 'stop', atOnce = 1, cachedTokens = 0, checked } = script
      const all = tokenizer.encode(typeof says === 'string' ? says : says[choice % says.length]!)
      const ids = all.slice(0, request.options.maxTokens)
      const { topLogprobs } = request.options
      const logprobsOf = (tokens: readonly number[]) =>
        tokens.map((id): [number, [number, number][]] => [
          -0.5,
          [[id, -0.5] as [number, number], [id + 1, -1.5] as [number, number]].slice(0, topLogprobs ?? 0),
        ])
      for (let from = 0; from < ids.length; from += atOnce) {
        const some = ids.slice(from, from + atOnce)
        const logprobs = logprobsOf(some)
        onChunk?.({ from, ids: some, ...(topLogprobs === null ? {} : { logprobs }) })
        await Promise.resolve()
      }
      const end = { finish: ids.length < all.length ? ('length' as const) : finish, cachedTokens }
      onChunk?.({ from: ids.length, ids: [], end })
      await checked
      const logprobs = topLogprobs === null ? {} : { logprobs: logprobsOf(ids) }
      return { ids, ...end, ...logprobs, deviceClasses: ['simulated'] }
    },
  }
}
