import { type Constraint, MAX_GRAMMAR_CHARACTERS } from '../../protocol/generation.ts'
import type { TemplateMessage } from './chatMessages.ts'
import type { KeptSchema } from './jsonSchema.ts'
import { nestSchemas } from './nestSchemas.ts'
import { refuseValue } from './textFields.ts'
import type { Tool, ToolUse } from './tools.ts'

/** How a model writes down that it calls a function. */
export interface ToolConvention {
  /** What comes before a call; empty where the whole answer is the call. */
  begin: string
  /** What comes after it. */
  end: string
  /** Name of the field that holds the arguments, beside `name`. */
  argumentsField: 'arguments' | 'parameters'
}

/** Hermes, Qwen 2.5 and 3, and every model whose template knows no tools: `<tool_call>{"name", "arguments"}</tool_call>`. */
export const taggedCalls: ToolConvention = {
  begin: '<tool_call>\n',
  end: '\n</tool_call>',
  argumentsField: 'arguments',
}
/** Llama 3.1 to 3.3: the answer is `{"name", "parameters"}` and nothing else. */
export const bareCalls: ToolConvention = { begin: '', end: '', argumentsField: 'parameters' }

/** How tools are told to a model: by its own template, or by the default prompt. */
export interface ToolStyle {
  convention: ToolConvention
  /** Whether the template is given the tools and the calls of the history as they are. */
  byTemplate: boolean
}

/** The style of a model, from the text of its chat template. */
export function toolStyleOf(template: string): ToolStyle {
  const knowsTools = /\btools\b/.test(template)
  if (knowsTools && template.includes('<tool_call>') && !template.includes('<function='))
    return { convention: taggedCalls, byTemplate: true }
  if (knowsTools && template.includes('{"name": function name, "parameters":'))
    return { convention: bareCalls, byTemplate: true }
  return { convention: taggedCalls, byTemplate: false }
}

/** A tool as templates read it. */
export const templateTool = ({ name, description, parameters }: Tool): object => ({
  type: 'function',
  function: { name, ...(description === null ? {} : { description }), parameters },
})

/** The prompt that tells a model of tools where its template does not: the words that Qwen 2.5's template has. */
export const defaultToolPrompt = (tools: readonly Tool[]): string => `# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
${tools.map((tool) => JSON.stringify(templateTool(tool))).join('\n')}
</tools>

For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call>`

/**
 * Messages for a template that knows no tools: the tools in the system message, calls as the text that the model wrote,
 * answers of tools as words of the user.
 */
export function withoutTools(
  messages: readonly TemplateMessage[],
  tools: readonly Tool[] | null,
): TemplateMessage[] {
  const [first, ...rest] = messages
  const told: TemplateMessage[] = []
  if (tools) {
    const prompt = defaultToolPrompt(tools)
    if (first?.role === 'system') told.push({ ...first, content: `${first.content}\n\n${prompt}` })
    else told.push({ role: 'system', content: prompt })
  }
  const others = tools && first?.role === 'system' ? rest : messages
  let isToolAnswer = false
  for (const { tool_calls, tool_call_id, ...message } of others) {
    if (message.role === 'tool') {
      const answer = `<tool_response>\n${message.content}\n</tool_response>`
      // Several answers, and what the user adds, are one turn: some templates take no two turns of one side.
      if (isToolAnswer) told.at(-1)!.content += `\n${answer}`
      else told.push({ role: 'user', content: answer })
      isToolAnswer = true
      continue
    }
    if (message.role === 'user' && isToolAnswer) told.at(-1)!.content += `\n${message.content}`
    else if (tool_calls) told.push({ ...message, content: callsAsText(message.content, tool_calls) })
    else told.push(message)
    isToolAnswer = false
  }
  return told
}

function callsAsText(content: string, calls: NonNullable<TemplateMessage['tool_calls']>): string {
  const { begin, end, argumentsField } = taggedCalls
  const texts = calls.map(
    (call) =>
      `${begin}{"name": ${JSON.stringify(call.function.name)}, "${argumentsField}": ${JSON.stringify(call.function.arguments)}}${end}`,
  )
  return [...(content === '' ? [] : [content]), ...texts].join('\n')
}

/**
 * What holds the model's calls to the tools' schemas. Where a call is required, the answer is the inside of one: its
 * `begin` is then put at the end of the prompt.
 * @throws OpentabError `invalid_value` when the schemas together are too large for one grammar
 */
export function toolConstraint(
  { tools, required }: ToolUse,
  { begin, end, argumentsField }: ToolConvention,
): Constraint {
  if (required) {
    const schema = JSON.stringify(
      nestSchemas(
        tools.map((tool) => tool.schema),
        (arguments_, index) => callSchema(tools[index]!.name, argumentsField, arguments_),
      ),
    )
    refuseLarge(schema.length, MAX_GRAMMAR_CHARACTERS)
    return { kind: 'json_schema', schema }
  }
  const tags = tools.map(({ name, schema }) => ({
    begin: `${begin}{"name": "${name}", "${argumentsField}": `,
    schema: JSON.stringify(schema),
    end: `}${end}`,
  }))
  refuseLarge(
    tags.reduce((sum, { schema }) => sum + schema.length, 0),
    MAX_TAGS_CHARACTERS,
  )
  return { kind: 'tags', tags, triggers: begin === '' ? tags.map((tag) => tag.begin) : [begin.trimEnd()] }
}

/** Schemas of all tools of one request together, characters: they travel with each task. */
const MAX_TAGS_CHARACTERS = 4 * MAX_GRAMMAR_CHARACTERS

function refuseLarge(characters: number, most: number): void {
  if (characters > most)
    refuseValue(
      'tools',
      `have schemas of ${characters} characters; at most ${most} are taken`,
      'Name fewer tools.',
    )
}

const callSchema = (name: string, argumentsField: string, schema: KeptSchema): KeptSchema => ({
  type: 'object',
  properties: { name: { const: name }, [argumentsField]: schema },
  required: ['name', argumentsField],
  additionalProperties: false,
})
