import { OpentabError } from '../errors.ts'
import { bytesOfCharacters } from './byteLevel.ts'

/** Bytes of a token of the vocabulary, from the way that a tokenizer writes it. */
export type TokenSpelling = (token: string, isAdded: boolean) => Uint8Array

const encoder = new TextEncoder()

/**
 * How a tokenizer.json writes its tokens, by its decoder: byte-level BPE, or SentencePiece with a character for the space
 * (U+2581) and `<0x0A>` for single bytes.
 * @throws OpentabError `model_refused` for a decoder that joins tokens in another way
 */
export function tokenSpelling(decoder: unknown): TokenSpelling {
  const steps = stepsOf(decoder)
  const types = steps.map(({ type }) => type)
  if (types.includes('ByteLevel')) return spellByteLevel
  const space = steps.map(spaceOf).find((character) => character !== null)
  if (space) return sentencePieceSpelling(space, types.includes('ByteFallback'))
  throw new OpentabError(
    'model_refused',
    `The tokenizer's decoder is ${types.join(', ') || 'missing'}: only byte-level and SentencePiece ones are read.`,
  )
}

interface Step {
  type: string
  pattern?: { String?: string }
  content?: string
  replacement?: string
}

function stepsOf(decoder: unknown): Step[] {
  if (typeof decoder !== 'object' || decoder === null) return []
  const { type, decoders } = decoder as { type?: unknown; decoders?: unknown }
  if (type === 'Sequence') return Array.isArray(decoders) ? decoders.flatMap(stepsOf) : []
  return typeof type === 'string' ? [decoder as Step] : []
}

/** The character that a step makes a space of. */
function spaceOf({ type, pattern, content, replacement }: Step): string | null {
  if (type === 'Metaspace') return replacement ?? '▁'
  return type === 'Replace' && content === ' ' ? (pattern?.String ?? null) : null
}

function spellByteLevel(token: string, isAdded: boolean): Uint8Array {
  // Added tokens stand as they are, like any with a character that byte-level BPE does not use.
  return (isAdded ? null : bytesOfCharacters(token)) ?? encoder.encode(token)
}

function sentencePieceSpelling(space: string, hasBytes: boolean): TokenSpelling {
  return (token) => {
    const byte = hasBytes ? /^<0x([0-9A-Fa-f]{2})>$/.exec(token) : null
    return byte ? Uint8Array.of(Number.parseInt(byte[1]!, 16)) : encoder.encode(token.replaceAll(space, ' '))
  }
}
