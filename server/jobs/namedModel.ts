import type { ModelRegistry } from '../../models/modelRegistry.ts'
import { OpentabError } from '../../protocol/errors.ts'
import type { Graph, ServedModel } from '../../protocol/manifest.ts'

/**
 * The model of that name, or the only one of the kind when no name is given.
 * @throws OpentabError `model_not_found`, `invalid_value` when the model is of another kind
 */
export function modelOfKind(
  registry: ModelRegistry,
  kind: 'ocr' | 'embeddings' | 'chat',
  id: string | undefined,
): ServedModel {
  const model =
    id === undefined ? registry.list().find((other) => other.manifest.kind === kind) : registry.byId(id)
  if (!model)
    throw new OpentabError(
      'model_not_found',
      `The model ${JSON.stringify((id ?? kind).slice(0, 100))} is not served here.`,
      {
        param: 'model',
      },
    )
  if (model.manifest.kind === kind) return model
  throw new OpentabError(
    'invalid_value',
    `The model ${model.manifest.id} is for ${model.manifest.kind}, not for ${kind}.`,
    { param: 'model' },
  )
}

/**
 * A model's graph by `name` or `name/graph`.
 * @throws OpentabError `model_not_found`, `invalid_value` when the model has several graphs and none is named
 */
export function graphByName(
  registry: ModelRegistry,
  name: string,
): { model: ServedModel; index: number; graph: Graph } {
  const [id, graphName] = name.split('/', 2) as [string, string | undefined]
  const model = registry.byId(id)
  if (!model)
    throw new OpentabError(
      'model_not_found',
      `The model ${JSON.stringify(name.slice(0, 100))} is not served here.`,
      {
        param: 'model',
      },
    )
  const { graphs } = model.manifest
  const index =
    graphName === undefined && graphs.length === 1 ? 0 : graphs.findIndex((graph) => graph.name === graphName)
  if (index >= 0) return { model, index, graph: graphs[index]! }
  const names = graphs.map((graph) => `${id}/${graph.name}`).join(', ')
  throw new OpentabError('invalid_value', `The model ${id} has the graphs ${names}.`, {
    param: 'model',
    fix: 'Name one of them.',
  })
}
