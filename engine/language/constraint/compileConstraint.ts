import type { CompiledGrammar, GrammarCompiler } from '@mlc-ai/web-xgrammar'
import type { Constraint } from '../../../protocol/generation.ts'
import type { Xgrammar } from './loadXgrammar.ts'
import { prepareSchema } from './prepareSchema.ts'

/** Any object: what OpenAI's `json_object` allows. */
const ANY_OBJECT = '{"type": "object"}'

/**
 * JSON is written as Python's json.dumps writes it, `{"a": 1, "b": [2, 3]}`: free white space lets small models fill an
 * answer with it, and a bounded one takes ten times longer to compile.
 */
const anyWhitespace = false
/** No line breaks. */
const noIndent = -1
/** Objects have no properties and lists no items that the schema does not name. */
const strict = true

const prepared = (schema: string): string => JSON.stringify(prepareSchema(JSON.parse(schema)))

/** Compiles what a constraint says. @throws Error, or the library's abort */
export async function compileConstraint(
  { Grammar }: Xgrammar,
  compiler: GrammarCompiler,
  constraint: Constraint,
): Promise<CompiledGrammar> {
  switch (constraint.kind) {
    case 'json_object':
      return compiler.compileJSONSchema(ANY_OBJECT, anyWhitespace, noIndent, undefined, strict)
    case 'json_schema':
      return compiler.compileJSONSchema(
        prepared(constraint.schema),
        anyWhitespace,
        noIndent,
        undefined,
        strict,
      )
    case 'ebnf':
      return compiler.compileGrammar(constraint.grammar)
    case 'tags': {
      const grammarOf = async (schema: string): Promise<string> => {
        const grammar = await Grammar.fromJSONSchema(
          prepared(schema),
          anyWhitespace,
          noIndent,
          undefined,
          strict,
        )
        const text = grammar.toString()
        grammar.dispose()
        return text
      }
      const tags = []
      for (const { begin, schema, end } of constraint.tags) {
        const content = { type: 'grammar' as const, grammar: await grammarOf(schema) }
        tags.push({ type: 'tag' as const, begin, content, end })
      }
      return compiler.compileStructuralTag({
        type: 'structural_tag',
        format: { type: 'triggered_tags', triggers: constraint.triggers, tags },
      })
    }
    default:
      return constraint satisfies never
  }
}
