import { OpentabError } from '../../protocol/errors.ts'
import { microCreditsOf } from '../../protocol/limits.ts'
import type { Core } from '../core.ts'
import type { Job } from '../jobs/jobRecords.ts'
import { answerOperations } from './answerCost.ts'
import type { LanguageRequest } from './languageRequest.ts'

const HIGHER_LIMIT = 'ask the operator for a key with a higher limit.'

/**
 * @param microCredits what the longest answer that was asked for costs, less what was paid of it before a restart
 * @throws OpentabError `insufficient_quota` when that is over what the requester may spend; says how many tokens it may
 */
export function refuseAnswerOverLimit(
  core: Core,
  { job, request: { model, prompt, options } }: { job: Pick<Job, 'requester'>; request: LanguageRequest },
  microCredits: number,
): void {
  const left = Math.max(0, core.spendable(job.requester))
  if (microCredits <= left) return
  const costOf = (tokens: number): number =>
    microCreditsOf(answerOperations(model.manifest.language, prompt.length, tokens))
  const tokens = mostTokens(options.maxTokens, costOf, left + costOf(options.maxTokens) - microCredits)
  throw new OpentabError(
    'insufficient_quota',
    `A prompt of ${prompt.length} tokens and an answer of up to ${options.maxTokens} cost ${microCredits} micro-credits; the key has ${left} left.`,
    {
      fix:
        tokens > 0
          ? `Limit the answer to ${tokens} tokens or fewer (max_tokens; max_output_tokens in /v1/responses), or ${HIGHER_LIMIT}`
          : `One token of answer would be too much as well: shorten the prompt, or ${HIGHER_LIMIT}`,
    },
  )
}

/** The most tokens that cost no more than `left`, below `above`, whose cost is over it; 0 where one costs more. */
function mostTokens(above: number, costOf: (tokens: number) => number, left: number): number {
  let low = 0
  for (let high = above; high - low > 1; ) {
    const middle = (low + high) >> 1
    if (costOf(middle) <= left) low = middle
    else high = middle
  }
  return low
}
