import { OpentabError } from '../../protocol/errors.ts'
import type { Constraint, GenerateOptions } from '../../protocol/generation.ts'
import type { StageRange } from '../../protocol/language.ts'
import { type ServedModel, wholeRange } from '../../protocol/manifest.ts'
import { loadTokenizer } from '../../protocol/text/loadTokenizer.ts'
import { TextStream } from '../../protocol/text/textStream.ts'
import type { TextTokenizer } from '../../protocol/text/textTokenizer.ts'
import { oneAtATime } from '../onnx/oneAtATime.ts'
import { CacheShelf } from './cacheShelf.ts'
import type { TokenConstraint } from './constraint/tokenConstraint.ts'
import { generateAnswer } from './generateAnswer.ts'
import type { LanguageBackend } from './languageBackend.ts'
import type { LanguageRunner, LanguageRunnerOptions } from './languageRunner.ts'
import { loadStages } from './loadStages.ts'
import { readAnswerRequest } from './readInputs.ts'
import { type StageRun, stageStep } from './stageStep.ts'
import { TokenPicker } from './tokenPicker.ts'

/** Opens what an answer's text must be: `createConstraint`. */
export type ConstraintOpener = (
  constraint: Constraint,
  tokenizer: TextTokenizer,
  endTokens: readonly number[],
) => Promise<TokenConstraint>

/** A run of stages with the model's texts. */
export interface LoadedRun extends StageRun {
  model: ServedModel
  range: StageRange
  /** Made when an answer first needs it: most do not. */
  tokenizer(): TextTokenizer
  openConstraint(options: GenerateOptions): Promise<TokenConstraint | null>
}

/** A runner of language models on a backend; `run` is for whoever checks answers. */
export interface BackendLanguageRunner extends LanguageRunner {
  /** A run that is loaded, or a part of one. @throws OpentabError `model_not_found` where neither is */
  run(modelHash: string, range: StageRange | 'whole'): LoadedRun
}

export function createLanguageRunner(
  backend: LanguageBackend,
  openConstraint: ConstraintOpener,
  { cacheBytes }: LanguageRunnerOptions,
): BackendLanguageRunner {
  const runs = new Map<string, LoadedRun>()
  const shelf = new CacheShelf(cacheBytes)
  const loading = oneAtATime()

  async function unload(modelHash: string): Promise<void> {
    const run = runs.get(modelHash)
    if (!run) return
    runs.delete(modelHash)
    await run.stages.release()
    for (const chain of run.stages.chains()) shelf.forgetChain(chain)
  }

  async function load(...[model, range, readShard]: Parameters<LanguageRunner['load']>): Promise<void> {
    const { language } = model.manifest
    if (!language) {
      throw new OpentabError('model_failed', `${model.manifest.id} is no language model.`)
    }
    const known = runs.get(model.hash)
    if (known && isSame(known.range, range)) return
    await unload(model.hash)
    const tokenizerFile = await readShard(language.tokenizer.sha256)
    const stages = await loadStages(backend, model, language, range, readShard)
    let made: TextTokenizer | null = null
    const tokenizer = (): TextTokenizer => {
      made ??= loadTokenizer(tokenizerFile)
      return made
    }
    runs.set(model.hash, {
      model,
      range,
      language,
      stages,
      shelf,
      tokenizer,
      openConstraint: async (options) =>
        options.constraint && openConstraint(options.constraint, tokenizer(), options.endTokens),
    })
  }

  function runOf(modelHash: string, range: StageRange | 'whole'): LoadedRun {
    const run = runs.get(modelHash)
    const wanted = run && (range === 'whole' ? wholeRange(run.language) : range)
    if (run && wanted && isSame(run.range, wanted)) return run
    if (run && wanted && run.range.first <= wanted.first && wanted.last <= run.range.last) {
      const { first, last } = wanted
      if (first <= last) return { ...run, range: { first, last }, stages: run.stages.part(wanted) }
    }
    const held = run ? `only stages ${run.range.first} to ${run.range.last}` : 'nothing'
    throw new OpentabError(
      'model_not_found',
      `Of model ${modelHash.slice(0, 12)} ${held} is loaded here, and ${range === 'whole' ? 'the whole' : `stages ${range.first} to ${range.last}`} was asked for.`,
    )
  }

  return {
    packed: backend.packed,
    load: (...parameters) => loading(() => load(...parameters)),
    unload: (modelHash) => loading(() => unload(modelHash)),
    loaded: () => [...runs].map(([hash, { range }]) => [hash, range]),
    run: runOf,
    async generate(task, onTokens, signal) {
      const run = runOf(task.model, 'whole')
      const request = readAnswerRequest(task.inputs, run.language)
      const picker = await openPicker(run, request)
      try {
        return await generateAnswer(run, { ...request, scope: task.scope ?? 0 }, picker, onTokens, signal)
      } finally {
        picker.dispose()
      }
    },
    async stage(task, signal) {
      const run = runOf(task.model, task)
      return stageStep(run, task, run.openConstraint, signal)
    },
    forget(modelHash, session) {
      const run = runs.get(modelHash)
      for (const chain of run?.stages.chains() ?? []) shelf.forgetSession(chain, session)
    },
    dispose: () =>
      loading(async () => {
        for (const modelHash of [...runs.keys()]) await unload(modelHash)
      }),
  }
}

const isSame = (a: StageRange, b: StageRange): boolean => a.first === b.first && a.last === b.last

/** The picker of a request, with the tokens that are given. */
async function openPicker(
  run: LoadedRun,
  { prompt, options, given }: ReturnType<typeof readAnswerRequest>,
): Promise<TokenPicker> {
  const { vocabulary, contextTokens } = run.language
  const text = options.stop.length > 0 ? new TextStream(run.tokenizer(), options.stop) : null
  const constraint = await run.openConstraint(options)
  const picker = new TokenPicker({ options, prompt, vocabulary, contextTokens, constraint, text })
  for (const id of given) picker.accept(id)
  return picker
}
