import { OpentabError } from '../../../protocol/errors.ts'
import { modelBytes, type ServedModel, shardsOf } from '../../../protocol/manifest.ts'
import { modelHolders } from '../../placement/languageHolders.ts'
import type { HttpContext, Routes } from '../httpContext.ts'

const CREATED = 1_700_000_000

function viewModel({ core }: HttpContext, model: ServedModel) {
  const { manifest } = model
  return {
    id: manifest.id,
    object: 'model',
    created: CREATED,
    owned_by: 'opentab',
    opentab: {
      kind: manifest.kind,
      bytes: modelBytes(manifest),
      shards: shardsOf(manifest).length,
      ...modelHolders(core, model),
      privacy: 'contributors-can-read',
    },
  }
}

/** OpenAI's model list, with what Opentab knows of each. */
export const modelRoutes: Routes = (app, context) => {
  app.get('/v1/models', async () => ({
    object: 'list',
    data: context.registry.list().map((model) => viewModel(context, model)),
  }))
  app.get<{ Params: { id: string } }>('/v1/models/:id', async (request) => {
    const model = context.registry.byId(request.params.id)
    if (!model)
      throw new OpentabError(
        'model_not_found',
        `The model ${JSON.stringify(request.params.id)} is not served here.`,
        { param: 'model' },
      )
    return viewModel(context, model)
  })
}
