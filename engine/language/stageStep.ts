import { OpentabError } from '../../protocol/errors.ts'
import { decodeHidden, encodeHidden } from '../../protocol/hiddenStates.ts'
import type { LanguageModel } from '../../protocol/language.ts'
import type { StageTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { answerOutputs } from './answerOutputs.ts'
import type { CacheShelf, Sequence } from './cacheShelf.ts'
import type { LoadedStages } from './loadStages.ts'
import { nextTask } from './nextTask.ts'
import { readIds, readIntegers, requireContext } from './readInputs.ts'
import { requireWanted } from './requireWanted.ts'
import { MAX_ROWS } from './stageChain.ts'
import { type OpenConstraint, type TailHistory, TailPicker } from './tailPicker.ts'

/** A run of stages that can run, and where its caches stand. */
export interface StageRun {
  language: LanguageModel
  stages: LoadedStages
  shelf: CacheShelf
}

/** One step of a run of stages: the rows of the task through its layers, and at the tail the token after them. */
export async function stageStep(
  run: StageRun,
  task: StageTask,
  openConstraint: OpenConstraint,
  signal: AbortSignal,
): Promise<Tensor[]> {
  const { language, stages, shelf } = run
  const hidden = readHidden(run, task)
  const rows = hidden.length / language.width
  if (rows === 0) throw new OpentabError('invalid_value', 'The step has no rows.', { param: 'inputs' })
  requireContext(language, task.position + rows)
  const hasHead = language.stages[task.last]!.head
  const history = hasHead ? readHistory(task, rows, language) : null
  const sequence = shelf.openSession(stages.chain, task.session, task.position)
  if (!sequence) {
    throw new OpentabError(
      'cache_missing',
      `Session ${task.session} has fewer than ${task.position} rows in this tab.`,
    )
  }
  try {
    const values = await runRows(run, sequence, hidden, hasHead, signal)
    if (!history) return encodeHidden(language.hidden, values, language.width)
    const tail = tailOf(sequence, task, language, openConstraint)
    const picked = await tail.pick(values, history)
    return answerOutputs({
      ids: picked ? [picked.id] : [],
      finish: picked ? 'length' : 'stop',
      topLogprobs: tail.options.topLogprobs,
      logprobs: picked?.logprobs ? [picked.logprobs] : [],
    })
  } finally {
    shelf.close(sequence)
  }
}

/** The session's picker; another one where the options are others: pieces of the prompt come with some of their own. */
function tailOf(
  sequence: Sequence,
  { inputs }: StageTask,
  { vocabulary }: LanguageModel,
  openConstraint: OpenConstraint,
): TailPicker {
  if (sequence.tail?.goesBy(inputs)) return sequence.tail
  sequence.tail?.dispose()
  sequence.tail = new TailPicker(inputs, vocabulary, openConstraint)
  return sequence.tail
}

/** f32[rows, width] that go into the run's first layer. */
export function readHidden({ language, stages }: StageRun, { inputs }: StageTask): Float32Array {
  if (stages.embedding) return stages.embedding.rows(readIds(inputs, 'ids', language))
  return decodeHidden(language.hidden, inputs, language.width)
}

/** What the tail's inputs say of the sequence. */
export function readHistory(task: StageTask, rows: number, model: LanguageModel): TailHistory {
  const ids = readIds(task.inputs, 'history', model)
  const [prompt] = readIntegers(task.inputs, 'prompt')
  if (prompt === undefined || prompt < 1 || (ids.length > 0 && prompt > ids.length)) {
    throw new OpentabError('invalid_value', `prompt is ${prompt} with a history of ${ids.length} tokens.`, {
      param: 'prompt',
    })
  }
  return {
    prompt: ids.subarray(0, prompt),
    answer: ids.subarray(prompt),
    // A piece of the prompt that is not its last one gives a token that nobody wants.
    position: Math.max(0, task.position + rows - prompt),
  }
}

/** All rows through the run: their hidden states, f32[rows, width], or with the head the last row's logits. */
export async function runRows(
  { language: { width }, stages: { chain }, shelf }: StageRun,
  sequence: Sequence,
  hidden: Float32Array,
  hasHead: boolean,
  signal: AbortSignal,
): Promise<Float32Array> {
  const rows = hidden.length / width
  const { cache } = sequence
  const before = cache.rows
  const whole = !hasHead && rows > MAX_ROWS ? new Float32Array(hidden.length) : null
  for (let from = 0; ; from += MAX_ROWS) {
    await nextTask()
    requireWanted(signal)
    const to = Math.min(rows, from + MAX_ROWS)
    await shelf.grow(sequence, before + to, signal)
    const piece = hidden.subarray(from * width, to * width)
    const values = await chain.run(cache, piece, to === rows ? 1 : 0)
    whole?.set(values, from * width)
    if (to === rows) return whole ?? values
  }
}
