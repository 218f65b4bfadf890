import { z } from 'zod'
import { MAX_MESSAGES } from './openaiLimits.ts'
import { refuseValue } from './textFields.ts'

/** A message as a chat template reads it. */
export interface TemplateMessage {
  role: 'system' | 'user' | 'assistant' | 'tool'
  content: string
  name?: string
  tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: object } }[]
  tool_call_id?: string
}

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() })
const refusalPart = z.strictObject({ type: z.literal('refusal'), refusal: z.string() })
const must = { error: 'must be a string or an array of text parts' }
const content = z.union([z.string(), z.array(textPart).min(1)], must)
const assistantContent = z.union(
  [z.string(), z.array(z.discriminatedUnion('type', [textPart, refusalPart])).min(1)],
  must,
)
const name = z.string().min(1).max(256).nullish()
const toolCall = z.strictObject({
  id: z.string().min(1).max(256),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string().min(1).max(256), arguments: z.string() }),
})

const message = z.discriminatedUnion(
  'role',
  [
    z.strictObject({ role: z.enum(['system', 'developer']), content, name }),
    z.strictObject({ role: z.literal('user'), content, name }),
    z.strictObject({
      role: z.literal('assistant'),
      content: assistantContent.nullish(),
      name,
      tool_calls: z.array(toolCall).nullish(),
      // What answers carry, and clients send back with the history.
      refusal: z.string().nullish(),
      annotations: z.array(z.never(), { error: 'must be empty' }).nullish(),
      audio: z.null({ error: 'is not taken' }).optional(),
      function_call: z.null({ error: 'is not taken; use `tool_calls`' }).optional(),
    }),
    z.strictObject({ role: z.literal('tool'), content, tool_call_id: z.string().min(1), name }),
  ],
  { error: 'must be system, developer, user, assistant or tool' },
)

export const chatMessages = z.array(message).min(1, { error: 'is an empty array' }).max(MAX_MESSAGES)
export type ChatMessage = z.infer<typeof message>

/**
 * Messages as a template reads them: parts joined, `developer` as `system`, a tool call's arguments as an object.
 * @param field the request's, for errors
 * @throws OpentabError `invalid_value` for arguments that are no JSON object, an assistant's message that says nothing,
 *   an answer of a tool that was not called
 */
export function templateMessages(messages: readonly ChatMessage[], field = 'messages'): TemplateMessage[] {
  const called = new Set<string>()
  return messages.map((given, index): TemplateMessage => {
    const named = given.name == null ? {} : { name: given.name }
    switch (given.role) {
      case 'system':
      case 'developer':
        return { role: 'system', content: joined(given.content), ...named }
      case 'user':
        return { role: 'user', content: joined(given.content), ...named }
      case 'tool':
        if (!called.has(given.tool_call_id))
          refuseValue(field, `${field}[${index}] answers no tool call that came before it`)
        return { role: 'tool', content: joined(given.content), tool_call_id: given.tool_call_id, ...named }
      case 'assistant': {
        const { tool_calls, refusal } = given
        const says = given.content ?? refusal
        if (says == null && !tool_calls?.length)
          refuseValue(field, `${field}[${index}] has neither content nor tool calls`)
        for (const { id } of tool_calls ?? []) called.add(id)
        return {
          role: 'assistant',
          content: says == null ? '' : joined(says),
          ...named,
          ...(tool_calls?.length
            ? {
                tool_calls: tool_calls.map((call, i) => ({
                  ...call,
                  function: {
                    name: call.function.name,
                    arguments: argumentsOf(
                      call.function.arguments,
                      field,
                      `${field}[${index}].tool_calls[${i}]`,
                    ),
                  },
                })),
              }
            : {}),
        }
      }
      default:
        return given satisfies never
    }
  })
}

type Part = z.infer<typeof textPart> | z.infer<typeof refusalPart>

const joined = (value: string | readonly Part[]): string =>
  typeof value === 'string'
    ? value
    : value.map((part) => (part.type === 'text' ? part.text : part.refusal)).join('')

function argumentsOf(json: string, field: string, place: string): object {
  let value: unknown
  try {
    value = JSON.parse(json === '' ? '{}' : json)
  } catch {
    value = undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuseValue(field, `${place}.function.arguments is not a JSON object`)
  return value as object
}
