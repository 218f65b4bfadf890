import { type GgufVocabulary, tokenKinds } from './ggufVocabulary.ts'

interface Merge {
  left: string
  right: string
  score: number
  leftId: number
  rightId: number
}

/**
 * The merges of a SentencePiece BPE vocabulary, which has scores instead: two neighbours merge when their
 * concatenation is a token, the one with the highest score first. So every way to cut a token into two others is a
 * merge, ordered by the token's score, then by the length of its left part (as in SentencePieceExtractor of
 * Hugging Face's transformers).
 */
export function sentencePieceMerges(
  { tokens, kinds }: GgufVocabulary,
  scores: readonly number[],
): (readonly [string, string])[] {
  const ids = new Map<string, number>()
  for (const [id, text] of tokens.entries()) {
    if (kinds[id] === tokenKinds.normal) ids.set(text, id)
  }
  const merges: Merge[] = []
  for (const [text, id] of ids) {
    for (let cut = 1; cut < text.length; cut++) {
      const leftId = ids.get(text.slice(0, cut))
      if (leftId === undefined) continue
      const rightId = ids.get(text.slice(cut))
      if (rightId === undefined) continue
      merges.push({ left: text.slice(0, cut), right: text.slice(cut), score: scores[id]!, leftId, rightId })
    }
  }
  merges.sort(
    (a, b) =>
      b.score - a.score ||
      b.left.length - a.left.length ||
      b.right.length - a.right.length ||
      a.leftId - b.leftId ||
      a.rightId - b.rightId,
  )
  return merges.map(({ left, right }) => [left, right] as const)
}
