import { z } from 'zod'
import { type KeptSchema, readSchema } from './jsonSchema.ts'
import { MAX_TOOLS } from './openaiLimits.ts'
import { refuseField, refuseValue } from './textFields.ts'

/** A function that the model may call. */
export interface Tool {
  name: string
  description: string | null
  /** JSON Schema of the arguments as it was sent: what the model reads. */
  parameters: object
  /** The same as grammars keep it: what the arguments are held to. */
  schema: KeptSchema
}

/** What a request wants of tools. */
export interface ToolUse {
  /** At least one. */
  tools: Tool[]
  /** Whether the answer must be a call. */
  required: boolean
  /** Whether one answer may hold several calls. */
  parallel: boolean
}

const functionName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, {
  error: 'must be 1 to 64 of a-z, A-Z, 0-9, _ and -',
})
/** A function as both chat and responses describe it. */
export const functionFields = {
  name: functionName,
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
}
export type FunctionFields = z.infer<z.ZodObject<typeof functionFields>>

const functionOnly = z.literal('function', { error: 'must be `function`' })
const named = z.strictObject({ type: functionOnly, function: z.strictObject({ name: functionName }) })

export const chatToolFields = {
  tools: z
    .array(z.strictObject({ type: functionOnly, function: z.strictObject(functionFields) }))
    .min(1, { error: 'is an empty array' })
    .max(MAX_TOOLS)
    .nullish(),
  tool_choice: z
    .union(
      [
        z.enum(['none', 'auto', 'required']),
        named,
        z.strictObject({
          type: z.literal('allowed_tools'),
          allowed_tools: z.strictObject({
            mode: z.enum(['auto', 'required']),
            tools: z.array(named).min(1).max(MAX_TOOLS),
          }),
        }),
      ],
      { error: 'must be `none`, `auto`, `required`, a function or `allowed_tools`' },
    )
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
}

/** Which tools may be called, by name; null stands for all. */
export interface ToolChoice {
  mode: 'none' | 'auto' | 'required'
  names: readonly string[] | null
}

type ChatToolChoice = z.infer<typeof chatToolFields.tool_choice>

export function chatToolChoice(choice: ChatToolChoice): ToolChoice {
  if (choice == null) return { mode: 'auto', names: null }
  if (typeof choice === 'string') return { mode: choice, names: null }
  if (choice.type === 'function') return { mode: 'required', names: [choice.function.name] }
  const { mode, tools } = choice.allowed_tools
  return { mode, names: tools.map((tool) => tool.function.name) }
}

/**
 * The tools that the model is told of; null where there are none or none may be called.
 * @param place path of a tool's fields, for errors, e.g. `(i) => tools[i].function`
 * @throws OpentabError `invalid_value`, `unsupported_parameter`
 */
export function readTools(
  functions: readonly FunctionFields[] | null | undefined,
  choice: ToolChoice,
  parallel: boolean,
  place: (index: number) => string,
): ToolUse | null {
  if (!functions) {
    if (choice.mode === 'required' || choice.names)
      refuseValue('tool_choice', 'is only taken where there are `tools`')
    return null
  }
  const tools = functions.map(({ name, description, parameters, strict }, index): Tool => {
    if (functions.findIndex((other) => other.name === name) < index)
      refuseValue('tools', `has two functions of the name \`${name}\``)
    const given = parameters ?? { type: 'object', properties: {}, additionalProperties: false }
    const schema = readSchema(given, { strict: strict ?? false, param: `${place(index)}.parameters` })
    if (schema.type !== 'object' && schema.$ref === undefined && schema.anyOf === undefined)
      refuseValue(`${place(index)}.parameters`, 'must be a schema of the type object')
    return { name, description: description ?? null, parameters: given, schema }
  })
  const unknown = choice.names?.find((name) => !tools.some((tool) => tool.name === name))
  if (unknown !== undefined)
    refuseValue('tool_choice', `names \`${unknown}\`, which is none of the \`tools\``)
  if (choice.mode === 'none') return null
  return {
    tools: tools.filter(({ name }) => choice.names?.includes(name) ?? true),
    required: choice.mode === 'required',
    parallel,
  }
}

/** Refuses tools that are no functions by name. @throws OpentabError `unsupported_parameter` */
export function refuseOtherTools(tools: unknown): void {
  if (!Array.isArray(tools)) return
  for (const [i, tool] of tools.entries()) {
    const type: unknown = typeof tool === 'object' && tool !== null ? Reflect.get(tool, 'type') : undefined
    if (typeof type === 'string' && type !== 'function')
      refuseField(
        `tools[${i}].${type}`.slice(0, 100),
        'only functions can be called',
        'Send tools of the type `function`.',
      )
  }
}
