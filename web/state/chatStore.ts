import { batch, computed, type ReadonlySignal, signal } from '@preact/signals'
import * as z from 'zod/mini'
import {
  type AnswerFacts,
  type ChatMessage,
  type Conversation,
  modelOf,
  newest,
  readHistory,
  writeHistory,
} from './chatHistory.ts'
import { askChat } from './chatRequest.ts'

/** What the person chose for answers. Null: left to the model or the relay. */
export interface ChatSettings {
  model: string | null
  temperature: number | null
  seed: number | null
  maxTokens: number | null
  /** Instruction before the conversation; empty for none. */
  system: string
  /** Kept for this visit only. */
  apiKey: string
}

/** What the store stands on. */
export interface ChatEnvironment {
  fetch: typeof fetch
  storage: { get(key: string): string | null; set(key: string, value: string): void }
  /** Epoch ms. */
  now(): number
  newId(): string
}

/** The chat as the page sees it. */
export interface ChatStore {
  conversations: ReadonlySignal<readonly Conversation[]>
  current: ReadonlySignal<Conversation>
  settings: ReadonlySignal<ChatSettings>
  /** An answer is being written. */
  writing: ReadonlySignal<boolean>
  /**
   * About how many tokens a second the answer that is written grows by: pieces of text as they come, which are a token
   * each unless the connection is slow. Null before there is anything to measure.
   */
  pace: ReadonlySignal<number | null>
  change(settings: Partial<ChatSettings>): void
  /** Asks; without effect while an answer is written, for an empty text, or without a model. */
  send(text: string): Promise<void>
  /** Ends the answer that is written; what is there stays. */
  stop(): void
  /** Asks for the last answer anew. */
  regenerate(): Promise<void>
  /** An empty conversation. */
  begin(): void
  /** An earlier conversation, with the model of its last answer. */
  open(id: string): void
  remove(id: string): void
  /** Writes down what there is, also of an answer that is still written: for the moment at which the page goes. */
  keep(): void
  /** Another window of this browser wrote or removed conversations: takes over what it left. */
  reread(): void
}

/** Where conversations are kept; a window hears by it that another one wrote. */
export const HISTORY_KEY = 'opentab.chats'
const SETTINGS_KEY = 'opentab.chat-settings'

const storedSettings = z.partial(
  z.object({
    model: z.nullable(z.string()),
    temperature: z.nullable(z.number().check(z.gte(0), z.lte(2))),
    seed: z.nullable(z.number().check(z.int())),
    maxTokens: z.nullable(z.number().check(z.int(), z.gte(1))),
    system: z.string(),
  }),
)

/** Pieces of text before a pace is told. */
const PACED_PIECES = 4

const defaults: ChatSettings = {
  model: null,
  temperature: null,
  seed: null,
  maxTokens: null,
  system: '',
  apiKey: '',
}

function readChatSettings(text: string | null): ChatSettings {
  try {
    return { ...defaults, ...storedSettings.safeParse(JSON.parse(text ?? '{}')).data }
  } catch {
    return defaults
  }
}

const freshFacts: AnswerFacts = {
  state: 'writing',
  reason: null,
  trouble: null,
  promptTokens: null,
  cachedTokens: null,
  tokens: null,
  firstMs: null,
  writingMs: 0,
  receipts: [],
}

export function createChatStore(environment: ChatEnvironment): ChatStore {
  const { storage, now } = environment
  const empty = (): Conversation => ({ id: environment.newId(), at: now(), messages: [] })
  const conversations = signal<readonly Conversation[]>(readHistory(storage.get(HISTORY_KEY)))
  // Whoever comes back finds the conversation that they left.
  const current = signal<Conversation>(newest(conversations.value) ?? empty())
  const settings = signal(readChatSettings(storage.get(SETTINGS_KEY)))
  const abort = signal<AbortController | null>(null)
  const pace = signal<number | null>(null)

  /** Conversations that were removed while an answer was written: its end must not bring them back. */
  const removed = new Set<string>()

  function put(conversation: Conversation): void {
    if (removed.has(conversation.id)) return
    batch(() => {
      if (current.value.id === conversation.id) current.value = conversation
      const others = conversations.value.filter(({ id }) => id !== conversation.id)
      conversations.value = [conversation, ...others]
    })
  }
  const keep = (): void => storage.set(HISTORY_KEY, writeHistory(conversations.value))

  function change(changed: Partial<ChatSettings>): void {
    settings.value = { ...settings.value, ...changed }
    const { apiKey: _, ...kept } = settings.value
    storage.set(SETTINGS_KEY, JSON.stringify(kept))
  }

  /** Asks with the messages so far and writes the answer behind them. */
  async function answer(before: Conversation, model: string): Promise<void> {
    const { temperature, seed, maxTokens, system, apiKey } = settings.value
    const controller = new AbortController()
    abort.value = controller
    const askedAt = now()
    let firstAt: number | null = null
    let pieces = 0
    let said: Extract<ChatMessage, { role: 'assistant' }> = {
      role: 'assistant',
      text: '',
      model,
      facts: freshFacts,
    }
    const show = (text: string, facts: Partial<AnswerFacts>): void => {
      said = { ...said, text: said.text + text, facts: { ...said.facts, ...facts } }
      put({ ...before, at: now(), messages: [...before.messages, said] })
    }
    show('', {})
    // The question is not lost with a page that goes before its answer.
    keep()
    try {
      const messages = [
        ...(system.trim() === '' ? [] : [{ role: 'system' as const, content: system }]),
        ...before.messages.map(({ role, text }) => ({ role, content: text })),
      ]
      const question = { model, messages, temperature, seed, maxTokens, apiKey }
      for await (const event of askChat(environment.fetch, question, controller.signal)) {
        switch (event.type) {
          case 'text':
            firstAt ??= now()
            pieces++
            if (pieces >= PACED_PIECES && now() > firstAt)
              pace.value = (1000 * (pieces - 1)) / (now() - firstAt)
            show(event.text, { firstMs: firstAt - askedAt, writingMs: now() - firstAt })
            break
          case 'finish':
            show('', { reason: event.reason, receipts: [...event.receipts] })
            break
          case 'usage':
            show('', {
              promptTokens: event.promptTokens,
              cachedTokens: event.cachedTokens,
              tokens: event.completionTokens,
            })
            break
          case 'tool':
            break
          default:
            event satisfies never
        }
      }
      show('', { state: 'done' })
    } catch (error) {
      if (controller.signal.aborted) show('', { state: 'stopped' })
      else show('', { state: 'failed', trouble: error instanceof Error ? error.message : String(error) })
    } finally {
      abort.value = null
      pace.value = null
      keep()
    }
  }

  return {
    conversations,
    current,
    settings,
    writing: computed(() => abort.value !== null),
    pace,
    change,
    async send(text) {
      const { model } = settings.value
      if (abort.value !== null || text.trim() === '' || model === null) return
      const { value } = current
      const asked: Conversation = {
        ...value,
        at: now(),
        messages: [...value.messages, { role: 'user', text }],
      }
      await answer(asked, model)
    },
    stop: () => abort.value?.abort(),
    async regenerate() {
      const { model } = settings.value
      const { value } = current
      if (abort.value !== null || model === null || value.messages.at(-1)?.role !== 'assistant') return
      await answer({ ...value, messages: value.messages.slice(0, -1) }, model)
    },
    begin() {
      abort.value?.abort()
      current.value = empty()
    },
    open(id) {
      const found = conversations.value.find((each) => each.id === id)
      if (!found) return
      abort.value?.abort()
      current.value = found
      const model = modelOf(found)
      if (model !== null) change({ model })
    },
    remove(id) {
      removed.add(id)
      if (current.value.id === id) {
        abort.value?.abort()
        current.value = empty()
      }
      conversations.value = conversations.value.filter((each) => each.id !== id)
      keep()
    },
    keep,
    reread() {
      const theirs = readHistory(storage.get(HISTORY_KEY))
      batch(() => {
        const { id, at } = current.value
        const same = theirs.find((each) => each.id === id)
        if (abort.value !== null) {
          conversations.value = [current.value, ...theirs.filter((each) => each.id !== id)]
          return
        }
        conversations.value = theirs
        if (same !== undefined && same.at > at) current.value = same
      })
    },
  }
}
