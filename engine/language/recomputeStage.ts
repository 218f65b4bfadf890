import { optionsOf } from '../../protocol/generation.ts'
import { readMadeTokens } from '../../protocol/madeTokens.ts'
import type { TokenLogprobs } from '../../protocol/sampling/logprobsOf.ts'
import type { StageTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { CacheShelf } from './cacheShelf.ts'
import { compareHidden } from './compareHidden.ts'
import type { LoadedRun } from './createLanguageRunner.ts'
import { PickJudge } from './judgePick.ts'
import { readHidden, readHistory, runRows } from './stageStep.ts'

/**
 * Checks one step of a run of stages by computing it from the sequence's first row on. The outputs have the right form
 * already. Null where they pass, else the sentence for the contributor.
 * @param inputs what went into the run, all rows up to and with the step's own: `ids`, or `hidden` (and `scales`)
 * @throws OpentabError as `stage` of a language runner: then the step is not checked
 */
export async function recomputeStage(
  run: LoadedRun,
  task: StageTask,
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  signal: AbortSignal,
): Promise<string | null> {
  const { language, stages } = run
  const { width, vocabulary } = language
  const hidden = readHidden(run, { ...task, inputs })
  const shelf = new CacheShelf(Number.POSITIVE_INFINITY)
  const sequence = shelf.openSession(stages.chain, task.session, 0)!
  try {
    const before = hidden.subarray(0, task.position * width)
    const own = hidden.subarray(task.position * width)
    const hasHead = language.stages[task.last]!.head
    if (before.length > 0) await runRows({ ...run, shelf }, sequence, before, hasHead, signal)
    const values = await runRows({ ...run, shelf }, sequence, own, hasHead, signal)
    if (!hasHead) return compareHidden(language.hidden, outputs, values, width)
    const options = optionsOf(task.inputs)
    const { prompt, answer, position } = readHistory(task, own.length / width, language)
    const constraint = await run.openConstraint(options)
    try {
      for (const id of answer) constraint?.accept(id)
      const said = { ...readToken(outputs), history: { prompt, answer }, position }
      return await new PickJudge(options, vocabulary).judge(values, said, constraint)
    } finally {
      constraint?.dispose()
    }
  } finally {
    shelf.forgetChain(stages.chain)
  }
}

/** The one token that a step made; null where it ended the answer. */
function readToken(outputs: readonly Tensor[]): { id: number | null; logprobs: TokenLogprobs | null } {
  const { ids, finish, logprobs } = readMadeTokens(outputs)
  const id = finish === 'stop' ? null : (ids[0] ?? null)
  return { id, logprobs: id === null ? null : (logprobs?.[0] ?? null) }
}
