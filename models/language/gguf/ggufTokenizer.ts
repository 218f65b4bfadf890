import { quotedName, refuseWeights } from '../../../protocol/weights/refuseWeights.ts'
import { type GgufVocabulary, ggufVocabulary, tokenKinds } from './ggufVocabulary.ts'
import { preTokenizerOf } from './preTokenizers.ts'
import { sentencePieceMerges } from './sentencePieceMerges.ts'

type Json = Record<string, unknown>

export interface GgufTokenizer {
  /** What a tokenizer.json of Hugging Face holds; `@huggingface/tokenizers` and its Rust original load it. */
  tokenizer: Json
  /** What a tokenizer_config.json holds: the texts of the special tokens, and the chat template if there is one. */
  config: Json
  /** Ids that end an answer: end of text, and ends of a turn. */
  endIds: readonly number[]
}

/**
 * The tokenizer of a GGUF file: byte-level BPE (`gpt2`) or SentencePiece BPE (`llama`, which Gemma has too).
 * @param metadata as readGguf gives it
 * @throws OpentabError `model_refused` when the vocabulary is missing, damaged, or of a kind that is not known
 */
export function ggufTokenizer(metadata: ReadonlyMap<string, unknown>): GgufTokenizer {
  const vocabulary = ggufVocabulary(metadata)
  const { tokens, beginId, endId, unknownId, paddingId, chatTemplate } = vocabulary
  const textOf = (id: number | null) => (id === null ? null : tokens[id])
  const parts = partsOf(vocabulary)
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: addedTokens(vocabulary),
      ...parts.tokenizer,
      post_processor: postProcessor(vocabulary, parts.addBegin),
    },
    config: {
      bos_token: textOf(beginId),
      eos_token: textOf(endId),
      unk_token: textOf(unknownId),
      pad_token: textOf(paddingId),
      add_bos_token: vocabulary.addBegin ?? parts.addBegin,
      add_eos_token: vocabulary.addEnd ?? false,
      clean_up_tokenization_spaces: false,
      ...(chatTemplate === null ? {} : { chat_template: chatTemplate }),
    },
    endIds: vocabulary.endIds,
  }
}

interface Parts {
  tokenizer: { normalizer: unknown; pre_tokenizer: unknown; model: Json; decoder: Json }
  /** Whether a text begins with the begin token when the file does not say. */
  addBegin: boolean
}

function partsOf(vocabulary: GgufVocabulary): Parts {
  switch (vocabulary.model) {
    case 'gpt2':
      return byteLevel(vocabulary)
    case 'llama':
      return sentencePiece(vocabulary)
    default:
      throw refuseWeights(
        `The GGUF file has a tokenizer of the kind ${quotedName(vocabulary.model)} (tokenizer.ggml.model); gpt2 and llama are read.`,
        'Import the model from its safetensors folder, which brings tokenizer.json.',
      )
  }
}

function byteLevel(vocabulary: GgufVocabulary): Parts {
  const { tokens, merges } = vocabulary
  if (!merges) throw refuseWeights('The GGUF file has a gpt2 tokenizer without tokenizer.ggml.merges.')
  const known = new Set(tokens)
  for (const [i, [left, right]] of merges.entries()) {
    // A text that merges into no token would lose that piece without a word.
    if (!known.has(left + right)) {
      throw refuseWeights(
        `tokenizer.ggml.merges[${i}] makes ${quotedName(left + right)}, and there is no such token.`,
      )
    }
  }
  const { splits, ignoreMerges, addBegin, compose } = preTokenizerOf(vocabulary.pre)
  const byteLevelOptions = {
    type: 'ByteLevel',
    add_prefix_space: false,
    trim_offsets: true,
    use_regex: false,
  }
  return {
    addBegin,
    tokenizer: {
      normalizer: compose ? { type: 'NFC' } : null,
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          ...splits.map((Regex) => ({
            type: 'Split',
            pattern: { Regex },
            behavior: 'Isolated',
            invert: false,
          })),
          byteLevelOptions,
        ],
      },
      model: bpe(tokens, merges, { ignore_merges: ignoreMerges }),
      decoder: byteLevelOptions,
    },
  }
}

function sentencePiece(vocabulary: GgufVocabulary): Parts {
  const { tokens, kinds, scores, unknownId } = vocabulary
  if (!scores) throw refuseWeights('The GGUF file has a llama tokenizer without tokenizer.ggml.scores.')
  const unknown = tokens[unknownId ?? kinds.indexOf(tokenKinds.unknown)] ?? null
  const bytes = kinds.filter((kind) => kind === tokenKinds.byte).length
  const prefix = vocabulary.addSpacePrefix ?? true
  const spaces = { type: 'Replace', pattern: { String: ' ' }, content: '▁' }
  return {
    addBegin: true,
    tokenizer: {
      normalizer: prefix
        ? { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, spaces] }
        : spaces,
      pre_tokenizer: null,
      model: bpe(tokens, sentencePieceMerges(vocabulary, scores), {
        unk_token: unknown,
        fuse_unk: true,
        byte_fallback: bytes === 256,
      }),
      decoder: {
        type: 'Sequence',
        decoders: [
          { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
          { type: 'ByteFallback' },
          { type: 'Fuse' },
          ...(prefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
        ],
      },
    },
  }
}

function bpe(
  tokens: readonly string[],
  merges: readonly (readonly [string, string])[],
  options: Record<string, unknown>,
): Json {
  return {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    ...options,
    vocab: Object.fromEntries(tokens.map((text, id) => [text, id])),
    merges,
  }
}

/** Tokens that are found in a text before anything else: control tokens, and those that the model's makers added. */
function addedTokens({ tokens, kinds }: GgufVocabulary): Json[] {
  return tokens.flatMap((content, id) => {
    const special = kinds[id] === tokenKinds.control || kinds[id] === tokenKinds.unknown
    if (!special && kinds[id] !== tokenKinds.userDefined) return []
    return [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special }]
  })
}

function postProcessor(vocabulary: GgufVocabulary, addBeginByDefault: boolean): Json | null {
  const { tokens, beginId, endId, addBegin, addEnd } = vocabulary
  const piece = (id: number) => ({ SpecialToken: { id: tokens[id], type_id: 0 } })
  const begin = (addBegin ?? addBeginByDefault) && beginId !== null ? [beginId] : []
  const end = addEnd && endId !== null ? [endId] : []
  if (begin.length + end.length === 0) return null
  const around = (id: string) => [...begin.map(piece), { Sequence: { id, type_id: 0 } }, ...end.map(piece)]
  return {
    type: 'TemplateProcessing',
    single: around('A'),
    pair: [...around('A'), ...around('B')],
    special_tokens: Object.fromEntries(
      [...begin, ...end].map((id) => [tokens[id], { id: tokens[id], ids: [id], tokens: [tokens[id]] }]),
    ),
  }
}
