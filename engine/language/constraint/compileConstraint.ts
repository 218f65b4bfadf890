import type { CompiledGrammar, GrammarCompiler } from '@mlc-ai/web-xgrammar'
import type { Constraint } from '../../../protocol/generation.ts'
import { schemaGrammar } from './schema/schemaGrammar.ts'

/** Compiles what a constraint says. @throws Error, or the library's abort */
export async function compileConstraint(
  compiler: GrammarCompiler,
  constraint: Constraint,
): Promise<CompiledGrammar> {
  switch (constraint.kind) {
    case 'json_object':
      return compiler.compileGrammar(schemaGrammar({ type: 'object' }))
    case 'json_schema':
      return compiler.compileGrammar(schemaGrammar(JSON.parse(constraint.schema)))
    case 'ebnf':
      return compiler.compileGrammar(constraint.grammar)
    case 'tags': {
      const tags = constraint.tags.map(({ begin, schema, end }) => {
        const content = { type: 'grammar' as const, grammar: schemaGrammar(JSON.parse(schema)) }
        return { type: 'tag' as const, begin, content, end }
      })
      return compiler.compileStructuralTag({
        type: 'structural_tag',
        format: { type: 'triggered_tags', triggers: constraint.triggers, tags },
      })
    }
    default:
      return constraint satisfies never
  }
}
