import { z } from 'zod'
import type { ChatMessage } from './chatMessages.ts'
import { MAX_MESSAGES } from './openaiLimits.ts'
import { refuseField } from './textFields.ts'

const status = z.enum(['in_progress', 'completed', 'incomplete']).nullish()
const id = z.string().max(256).nullish()
const inputText = z.strictObject({ type: z.literal('input_text'), text: z.string() })
const outputText = z.strictObject({
  type: z.literal('output_text'),
  text: z.string(),
  // What answers carry, and clients send back with the history.
  annotations: z.array(z.never(), { error: 'must be empty' }).nullish(),
  logprobs: z.array(z.unknown()).nullish(),
})
const refusal = z.strictObject({ type: z.literal('refusal'), refusal: z.string() })
const part = z.discriminatedUnion('type', [inputText, outputText, refusal])
type Part = z.infer<typeof part>

const item = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('message'),
    id,
    status,
    phase: z.enum(['commentary', 'final_answer']).nullish(),
    role: z.enum(['user', 'assistant', 'system', 'developer']),
    content: z.union([z.string(), z.array(part).min(1)], {
      error: 'must be a string or an array of text parts',
    }),
  }),
  z.strictObject({
    type: z.literal('function_call'),
    id,
    status,
    call_id: z.string().min(1).max(256),
    name: z.string().min(1).max(256),
    arguments: z.string(),
  }),
  z.strictObject({
    type: z.literal('function_call_output'),
    id,
    status,
    call_id: z.string().min(1).max(256),
    output: z.union([z.string(), z.array(inputText).min(1)], {
      error: 'must be a string or an array of text parts',
    }),
  }),
])
type Item = z.infer<typeof item>

export const responseInput = z.union(
  [z.string().min(1, { error: 'is an empty string' }), z.array(item).min(1).max(MAX_MESSAGES)],
  { error: 'must be a string or an array of items' },
)

/** A message without a type is one, as OpenAI has it. */
export function withItemTypes(input: unknown): unknown {
  if (!Array.isArray(input)) return input
  return input.map((one: unknown) =>
    typeof one === 'object' && one !== null && !Object.hasOwn(one, 'type') && Object.hasOwn(one, 'role')
      ? { ...one, type: 'message' }
      : one,
  )
}

const TAKEN = ['message', 'function_call', 'function_call_output']

/** Refuses items of other kinds by name. @throws OpentabError `unsupported_parameter` */
export function refuseOtherItems(input: unknown): void {
  if (!Array.isArray(input)) return
  for (const [i, one] of input.entries()) {
    const type: unknown = typeof one === 'object' && one !== null ? Reflect.get(one, 'type') : undefined
    if (typeof type === 'string' && !TAKEN.includes(type))
      refuseField(
        `input[${i}].${type}`.slice(0, 100),
        'items of this kind are not taken',
        `Send ${TAKEN.join(', ')}.`,
      )
  }
}

/** The items as chat messages: calls that follow one another, and the words before them, are one turn. */
export function messagesOfItems(input: string | readonly Item[], instructions: string | null): ChatMessage[] {
  const messages: ChatMessage[] = instructions === null ? [] : [{ role: 'system', content: instructions }]
  if (typeof input === 'string') return [...messages, { role: 'user', content: input }]
  for (const one of input) {
    switch (one.type) {
      case 'message':
        messages.push({ role: one.role, content: joined(one.content) } as ChatMessage)
        break
      case 'function_call': {
        const { call_id, name, arguments: args } = one
        const call = { id: call_id, type: 'function' as const, function: { name, arguments: args } }
        const last = messages.at(-1)
        if (last?.role === 'assistant') last.tool_calls = [...(last.tool_calls ?? []), call]
        else messages.push({ role: 'assistant', content: null, tool_calls: [call] })
        break
      }
      case 'function_call_output':
        messages.push({ role: 'tool', tool_call_id: one.call_id, content: joined(one.output) })
        break
      default:
        one satisfies never
    }
  }
  return messages
}

const joined = (content: string | readonly Part[]): string =>
  typeof content === 'string'
    ? content
    : content.map((one) => (one.type === 'refusal' ? one.refusal : one.text)).join('')
