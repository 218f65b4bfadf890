/**
 * How far a log-probability of an honest tab may be from the checker's: the difference of two logits moves by 1e-2 at
 * most (engine/language/judgePick.ts), and their sum over the vocabulary as well.
 */
const LOGPROB_SLACK = 2e-2

/** Whether two log-probabilities are the same but for the device: within the slack, or a part of their size. */
export const isNearLogprob = (value: number, wanted: number): boolean =>
  Object.is(value, wanted) || Math.abs(value - wanted) <= LOGPROB_SLACK * Math.max(1, Math.abs(wanted) / 16)
