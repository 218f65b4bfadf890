import type { CompiledGrammar, GrammarCompiler, GrammarMatcher, TokenizerInfo } from '@mlc-ai/web-xgrammar'
import { compileConstraint } from './compileConstraint.ts'
import type { GrammarCalls, NextTokens, Vocabulary } from './grammarMessages.ts'
import type { Xgrammar } from './loadXgrammar.ts'

/** Vocabularies that are kept: a tab seldom runs more than two models. */
const MAX_VOCABULARIES = 2
/** Compiled grammars that are kept for the next answer that wants the same one. */
const MAX_GRAMMARS = 8

interface LoadedVocabulary {
  tokens: number
  endTokens: readonly number[]
  info: TokenizerInfo
  compiler: GrammarCompiler
}

interface OpenMatcher {
  matcher: GrammarMatcher
  vocabulary: LoadedVocabulary
}

/** Matches texts to grammars: what the grammars' worker does. */
export function createGrammarService(xgrammar: Xgrammar): GrammarCalls {
  const vocabularies = new Map<number, LoadedVocabulary>()
  const grammars = new Map<string, CompiledGrammar>()
  const matchers = new Map<number, OpenMatcher>()

  return {
    async addVocabulary({ key, tokens, endTokens }: Vocabulary) {
      if (vocabularies.has(key)) return
      const list = tokens.split('\n')
      const info = await xgrammar.TokenizerInfo.createTokenizerInfo(
        list,
        'byte_level',
        false,
        list.length,
        endTokens,
      )
      // Its own cache has no bound.
      const compiler = await xgrammar.GrammarCompiler.createGrammarCompiler(info, false)
      vocabularies.set(key, { tokens: list.length, endTokens, info, compiler })
      dropOldest(vocabularies, MAX_VOCABULARIES, (old) => {
        old.compiler.dispose()
        old.info.dispose()
      })
    },

    async open({ matcher, vocabulary: key, constraint }) {
      const vocabulary = vocabularies.get(key)
      if (!vocabulary) return false
      const name = `${key} ${JSON.stringify(constraint)}`
      const grammar = grammars.get(name) ?? (await compileConstraint(vocabulary.compiler, constraint))
      // At the end, as the one that was used last.
      grammars.delete(name)
      grammars.set(name, grammar)
      dropOldest(grammars, MAX_GRAMMARS, (old) => old.dispose())
      matchers.set(matcher, {
        matcher: await xgrammar.GrammarMatcher.createGrammarMatcher(grammar),
        vocabulary,
      })
      return true
    },

    async step({ matcher: number, ids }) {
      const { matcher, vocabulary } = matchers.get(number)!
      if (!ids.every((id) => matcher.acceptToken(id))) return null
      return nextTokens(await matcher.getNextTokenBitmask(), vocabulary)
    },

    async close({ matcher }) {
      matchers.get(matcher)?.matcher.dispose()
      matchers.delete(matcher)
    },
  }
}

function dropOldest<Key, Value>(map: Map<Key, Value>, most: number, drop: (value: Value) => void): void {
  for (const [key, value] of map) {
    if (map.size <= most) return
    map.delete(key)
    drop(value)
  }
}

function nextTokens(bits: Int32Array, { tokens, endTokens }: LoadedVocabulary): NextTokens {
  const mask = new Uint32Array(bits)
  // The library sets the bits after the last token too.
  if (tokens % 32 !== 0) mask[tokens >>> 5]! &= 2 ** (tokens % 32) - 1
  const mayEnd = endTokens.some((id) => has(mask, id))
  const others = Uint32Array.from(mask)
  for (const id of endTokens) if (id < tokens) others[id >>> 5]! &= ~(1 << (id & 31))
  const isStuck = others.every((word) => word === 0)
  if (isStuck && !mayEnd && endTokens.length > 0) {
    throw new Error('No token of the model can go on with a text of this grammar.')
  }
  return { mask, ended: isStuck }
}

const has = (mask: Uint32Array, id: number): boolean => ((mask[id >>> 5]! >>> (id & 31)) & 1) === 1
