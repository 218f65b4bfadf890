import { type CompletionContext, type CompletionResult, completeAnyWord } from '@codemirror/autocomplete'
import { LanguageSupport, StreamLanguage, type StringStream } from '@codemirror/language'
import { attributes, constants, enumerants, functions, keywords, types } from './wgslWords.ts'

interface Place {
  /** Depth of block comments, which nest. */
  comment: number
}

const kinds = new Map<string, string>([
  ...functions.map((word) => [word, 'variableName.standard'] as const),
  ...enumerants.map((word) => [word, 'atom'] as const),
  ...types.map((word) => [word, 'typeName'] as const),
  ...constants.map((word) => [word, 'bool'] as const),
  ...keywords.map((word) => [word, 'keyword'] as const),
])

/** WGSL by its tokens: enough for colours, and right while a program is half typed. */
const language = StreamLanguage.define<Place>({
  name: 'wgsl',
  startState: () => ({ comment: 0 }),
  token(stream, place) {
    if (place.comment > 0 || stream.match('/*')) return insideComment(stream, place)
    if (stream.eatSpace()) return null
    if (stream.match('//')) {
      stream.skipToEnd()
      return 'lineComment'
    }
    if (stream.match(/^@\s*\w+/)) return 'meta'
    if (stream.match(/^0[xX][0-9a-fA-F.]+(?:[pP][+-]?\d+)?[iufh]?/)) return 'number'
    if (stream.match(/^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[iufh]?/)) return 'number'
    const word = stream.match(/^[\p{L}_][\p{L}\p{N}_]*/u)
    if (Array.isArray(word)) return kinds.get(word[0]) ?? 'variableName'
    if (stream.match(/^(?:->|&&|\|\||[-+*/%&|^<>=!]=?|[~])/)) return 'operator'
    stream.next()
    return 'punctuation'
  },
  languageData: {
    commentTokens: { line: '//', block: { open: '/*', close: '*/' } },
    closeBrackets: { brackets: ['(', '[', '{'] },
    indentOnInput: /^\s*\}$/,
  },
})

function insideComment(stream: StringStream, place: Place): string {
  if (place.comment === 0) place.comment = 1
  while (!stream.eol()) {
    if (stream.match('*/')) {
      place.comment--
      if (place.comment === 0) break
    } else if (stream.match('/*')) place.comment++
    else stream.next()
  }
  return 'blockComment'
}

const options = [
  ...keywords.map((label) => ({ label, type: 'keyword' })),
  ...types.map((label) => ({ label, type: 'type' })),
  ...functions.map((label) => ({ label, type: 'function' })),
  ...enumerants.map((label) => ({ label, type: 'constant' })),
]
const attributeOptions = attributes.map((label) => ({ label: `@${label}`, type: 'keyword' }))

/** Built-ins, and the words of the program itself. */
export function completeWgsl(context: CompletionContext): CompletionResult | null {
  const attribute = context.matchBefore(/@\w*/)
  if (attribute) return { from: attribute.from, options: attributeOptions, validFor: /^@\w*$/ }
  const word = context.matchBefore(/[\p{L}_][\p{L}\p{N}_]*/u)
  if (!word && !context.explicit) return null
  return { from: word?.from ?? context.pos, options, validFor: /^\w*$/ }
}

/** WGSL for CodeMirror. */
export const wgsl = (): LanguageSupport =>
  new LanguageSupport(language, [
    language.data.of({ autocomplete: completeWgsl }),
    language.data.of({ autocomplete: completeAnyWord }),
  ])
