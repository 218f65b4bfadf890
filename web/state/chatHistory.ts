import * as z from 'zod/mini'

/** How an answer came about. */
const answerFacts = z.object({
  /** `writing` only while it streams; what is read from an earlier visit in that state was broken off. */
  state: z.enum(['writing', 'done', 'stopped', 'failed']),
  /** `stop`, `length` or `tool_calls`, as the relay says. */
  reason: z.nullable(z.string()),
  /** Sentence of what went wrong. */
  trouble: z.nullable(z.string()),
  /** From the relay's usage; null before its end. */
  promptTokens: z.nullable(z.number()),
  cachedTokens: z.nullable(z.number()),
  tokens: z.nullable(z.number()),
  /** From the question to the first text, ms. */
  firstMs: z.nullable(z.number()),
  /** From the first text to the last, ms. */
  writingMs: z.number(),
  receipts: z.array(z.string()),
})
export type AnswerFacts = z.infer<typeof answerFacts>

const message = z.discriminatedUnion('role', [
  z.object({ role: z.literal('user'), text: z.string() }),
  z.object({ role: z.literal('assistant'), text: z.string(), model: z.string(), facts: answerFacts }),
])
export type ChatMessage = z.infer<typeof message>

const conversation = z.object({
  id: z.string(),
  /** Epoch ms of its last change. */
  at: z.number(),
  messages: z.array(message),
})
export type Conversation = z.infer<typeof conversation>

/** Conversations that are kept, newest first. */
export const MAX_CONVERSATIONS = 50
/** Characters of the kept texts and receipts together: browsers give a page some five million. */
export const MAX_CHARACTERS = 2_000_000

/** Conversations of earlier visits, newest first; nothing where the text cannot be read. */
export function readHistory(text: string | null): Conversation[] {
  try {
    const kept = z.array(conversation).safeParse(JSON.parse(text ?? '[]')).data ?? []
    return kept.map((each) => ({ ...each, messages: each.messages.map(brokenOff) }))
  } catch {
    return []
  }
}

function brokenOff(each: ChatMessage): ChatMessage {
  if (each.role === 'user' || each.facts.state !== 'writing') return each
  return { ...each, facts: { ...each.facts, state: 'stopped' } }
}

/** What is kept: the newest conversations that fit. */
export function writeHistory(conversations: readonly Conversation[]): string {
  const kept: Conversation[] = []
  let characters = 0
  for (const each of conversations.toSorted((a, b) => b.at - a.at).slice(0, MAX_CONVERSATIONS)) {
    for (const message of each.messages) characters += charactersOf(message)
    if (characters > MAX_CHARACTERS && kept.length > 0) break
    if (each.messages.length > 0) kept.push(each)
  }
  return JSON.stringify(kept)
}

/** An answer of a ring names a receipt for each tab's part: that may be more than its text. */
function charactersOf(message: ChatMessage): number {
  const receipts = message.role === 'user' ? [] : message.facts.receipts
  return receipts.reduce((sum, id) => sum + id.length + 3, message.text.length)
}

/** The conversation that changed last; undefined where there is none. */
export const newest = (conversations: readonly Conversation[]): Conversation | undefined =>
  conversations.toSorted((a, b) => b.at - a.at)[0]

/** The model that gave the conversation's last answer; null before the first. */
export function modelOf({ messages }: Conversation): string | null {
  const said = messages.findLast(({ role }) => role === 'assistant')
  return said?.role === 'assistant' ? said.model : null
}

/** The conversation's first words, for the list. */
export function titleOf({ messages }: Conversation): string {
  const first = messages.find(({ role }) => role === 'user')?.text.trim() ?? ''
  const line = first.split('\n')[0] ?? ''
  return line.length > 60 ? `${line.slice(0, 59).trimEnd()}…` : line
}

/** Tokens a second after the first one; null where there is nothing to measure. */
export function tokensPerSecond({ tokens, writingMs }: AnswerFacts): number | null {
  return tokens === null || tokens < 2 || writingMs <= 0 ? null : (1000 * (tokens - 1)) / writingMs
}
