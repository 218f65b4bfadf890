import { type Finish, finishCodes } from './generation.ts'
import type { TokenLogprobs } from './sampling/logprobsOf.ts'
import { elementsOf, type Tensor } from './tensor.ts'

/** Outputs of `generate`, or of a stage with the head, as values. */
export interface MadeTokens {
  ids: Int32Array
  /** Why the answer ended; null where it was broken off. */
  finish: Finish | null
  /** Of each token; null where none were asked for. */
  logprobs: TokenLogprobs[] | null
}

/** Reads outputs whose form is right: `ids`, and where they are there `finish` and the three of log-probabilities. */
export function readMadeTokens(outputs: readonly Tensor[]): MadeTokens {
  const read = (name: string): ArrayLike<number> | undefined => {
    const tensor = outputs.find((output) => output.name === name)
    return tensor && (elementsOf(tensor) as ArrayLike<number>)
  }
  const ids = Int32Array.from(read('ids') ?? [])
  const code = read('finish')?.[0]
  const finish = code === undefined ? null : code === finishCodes.stop ? 'stop' : 'length'
  const [own, topIds, topLogprobs] = [read('logprobs'), read('top_ids'), read('top_logprobs')]
  if (!own || !topIds || !topLogprobs) return { ids, finish, logprobs: null }
  const count = ids.length === 0 ? 0 : topIds.length / ids.length
  const logprobs = Array.from(
    ids,
    (_, place): TokenLogprobs => [
      own[place]!,
      Array.from({ length: count }, (_, rank): [number, number] => [
        topIds[place * count + rank]!,
        topLogprobs[place * count + rank]!,
      ]),
    ],
  )
  return { ids, finish, logprobs }
}
