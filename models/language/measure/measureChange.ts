import { Tokenizer } from '@huggingface/tokenizers'
import type { QuantisationChange } from '../../../protocol/language.ts'
import type { ModelWeights } from '../modelWeights.ts'
import type { TokenizerParts } from '../tokenizerParts.ts'
import { layerLogits } from './layerLogits.ts'
import { measureText } from './measureText.ts'

/** Most tokens that are measured. */
const MAX_TOKENS = 512

/**
 * What other weights do to a model on a fixed text: perplexity (e to the mean of -ln p(next token)) before and after,
 * and the share of positions at which the most likely next token is the same.
 * @param onShare hears how much of the work is done, 0 to 1
 */
export async function measureChange(
  before: ModelWeights,
  after: ModelWeights,
  text: TokenizerParts,
  onShare: (share: number) => void = () => {},
): Promise<QuantisationChange> {
  const ids = idsOf(text).slice(0, Math.min(MAX_TOKENS, before.architecture.contextTokens))
  const first = await measured(before, ids, (share) => onShare(share / 2))
  const second = await measured(after, ids, (share) => onShare((1 + share) / 2))
  const same = first.likeliest.filter((id, row) => id === second.likeliest[row]).length
  const rounded = (value: number): number => Number(value.toPrecision(6))
  return {
    perplexityBefore: rounded(first.perplexity),
    perplexityAfter: rounded(second.perplexity),
    topOneAgreement: rounded(same / first.likeliest.length),
    tokens: first.likeliest.length,
  }
}

function idsOf({ tokenizer, config }: TokenizerParts): number[] {
  const parsed = (bytes: Uint8Array): object => JSON.parse(new TextDecoder().decode(bytes)) as object
  return new Tokenizer(parsed(tokenizer), parsed(config)).encode(measureText).ids
}

async function measured(
  model: ModelWeights,
  ids: readonly number[],
  onShare: (share: number) => void,
): Promise<{ perplexity: number; likeliest: number[] }> {
  const likeliest: number[] = []
  let surprise = 0
  // The last row foretells a token that the text does not have.
  const rows = ids.length - 1
  const onLogits = (row: number, logits: Float32Array): void => {
    let best = 0
    for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id
    let sum = 0
    for (const logit of logits) sum += Math.exp(logit - logits[best]!)
    surprise += Math.log(sum) + logits[best]! - logits[ids[row + 1]!]!
    likeliest.push(best)
  }
  await layerLogits(model, Int32Array.from(ids.slice(0, rows)), onLogits, onShare)
  return { perplexity: Math.exp(surprise / rows), likeliest }
}
