import type { BackendLanguageRunner, LoadedRun } from '../../../engine/language/createLanguageRunner.ts'
import { OpentabError } from '../../../protocol/errors.ts'
import type { LanguageModel, StageRange } from '../../../protocol/language.ts'
import { type ServedModel, wholeRange } from '../../../protocol/manifest.ts'

/** Memory that a stage takes for each byte of its f32 weights: those, and a packed copy of the matrices. */
const MEMORY_PER_WEIGHT_BYTE = 2

export interface LanguageRunsOptions {
  runner: Pick<BackendLanguageRunner, 'load' | 'unload' | 'run'>
  /** Estimated memory of the stages that stay loaded together, bytes; one run alone may be larger. */
  budgetBytes: number
  readShard(sha256: string): Promise<Uint8Array<ArrayBuffer>>
}

/**
 * Keeps the runs of stages that checks need within a memory budget; the least recently used goes first. A model is loaded
 * whole where it fits, so that answers and steps of every stage are checked with one load. One call at a time.
 */
export class LanguageRuns {
  readonly #options: LanguageRunsOptions
  /** By manifest hash, least recently used first. */
  readonly #loaded = new Map<string, { range: StageRange; bytes: number }>()

  constructor(options: LanguageRunsOptions) {
    this.#options = options
  }

  /** What is loaded, least recently used first. */
  get loaded(): [string, StageRange][] {
    return [...this.#loaded].map(([hash, { range }]) => [hash, range])
  }

  /** The run, loaded where it is not, after making room for it. @throws OpentabError what `load` and `readShard` throw */
  async use(model: ServedModel, wanted: StageRange | 'whole'): Promise<LoadedRun> {
    const { language } = model.manifest
    if (!language) throw new OpentabError('model_failed', `${model.manifest.id} is no language model.`)
    const { runner, budgetBytes, readShard } = this.#options
    const whole = wholeRange(language)
    const range = wanted === 'whole' ? whole : wanted
    const known = this.#loaded.get(model.hash)
    this.#loaded.delete(model.hash)
    if (known && known.range.first <= range.first && range.last <= known.range.last) {
      this.#loaded.set(model.hash, known)
      return runner.run(model.hash, range)
    }
    const load = memoryOf(language, whole) <= budgetBytes ? whole : { first: range.first, last: range.last }
    const bytes = memoryOf(language, load)
    let total = bytes
    for (const each of this.#loaded.values()) total += each.bytes
    for (const [hash, each] of this.#loaded) {
      if (total <= budgetBytes) break
      await runner.unload(hash)
      this.#loaded.delete(hash)
      total -= each.bytes
    }
    await runner.load(model, load, readShard)
    this.#loaded.set(model.hash, { range: load, bytes })
    return runner.run(model.hash, range)
  }
}

function memoryOf({ stages }: LanguageModel, { first, last }: StageRange): number {
  let bytes = 0
  for (const stage of stages.slice(first, last + 1)) bytes += stage.expandedBytes * MEMORY_PER_WEIGHT_BYTE
  return bytes
}
