import * as z from 'zod/mini'
import type { StageRange } from '../../protocol/language.ts'
import { type Manifest, modelBytes, type ServedModel, shardsOf } from '../../protocol/manifest.ts'
import type { KeyValues } from './keyValues.ts'

const MODELS_KEY = 'opentab-models'

const knownModel = z.object({
  hash: z.string(),
  id: z.string(),
  bytes: z.number(),
  shards: z.array(z.object({ sha256: z.string(), bytes: z.number() })),
})
/** What is remembered of a model so that its bytes can be listed and deleted later. */
export type KnownModel = z.infer<typeof knownModel>
const knownModels = z.array(knownModel)

/** `bytes` counts what is wanted here; `shards` are all that may lie here, those of other runs and forms included. */
export function knownModelOf(
  { hash, manifest }: { hash: string; manifest: Manifest },
  range: StageRange | null = null,
  packed = false,
): KnownModel {
  const shards = new Map(shardsOf(manifest).map((shard) => [shard.sha256, shard]))
  for (const shard of shardsOf(manifest, undefined, true)) shards.set(shard.sha256, shard)
  return {
    hash,
    id: manifest.id,
    bytes: modelBytes(manifest, range ?? undefined, packed),
    shards: [...shards.values()],
  }
}

const read = (value: unknown): KnownModel[] => knownModels.safeParse(value).data ?? []

/** The models that this device has met, kept between sessions. */
export class ModelCatalogue {
  readonly #keyValues: KeyValues
  #models = new Map<string, KnownModel>()

  constructor(keyValues: KeyValues) {
    this.#keyValues = keyValues
  }

  async load(): Promise<void> {
    for (const model of read(await this.#keyValues.get(MODELS_KEY))) this.#models.set(model.hash, model)
  }

  /** Known models in the order in which they were met. */
  list(): KnownModel[] {
    return [...this.#models.values()]
  }

  get(hash: string): KnownModel | undefined {
    return this.#models.get(hash)
  }

  /** Remembers the wanted models and forgets those of which nothing is stored. */
  async remember(
    wanted: readonly { model: ServedModel; range: StageRange | null }[],
    packed: boolean,
    stored: ReadonlyMap<string, number>,
  ): Promise<void> {
    const models = new Map<string, KnownModel>()
    for (const { model, range } of wanted) models.set(model.hash, knownModelOf(model, range, packed))
    for (const model of this.#models.values()) {
      if (model.shards.some(({ sha256 }) => stored.has(sha256))) models.set(model.hash, model)
    }
    this.#models = models
    await this.#keyValues.update(MODELS_KEY, () => [...models.values()])
  }
}
