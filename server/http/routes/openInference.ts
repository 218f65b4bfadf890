import type { FastifyReply, FastifyRequest } from 'fastify'
import { OpentabError } from '../../../protocol/errors.ts'
import type { Tensor } from '../../../protocol/tensor.ts'
import { graphByName } from '../../jobs/namedModel.ts'
import type { Routes } from '../httpContext.ts'
import { readInferRequest, writeInferAnswer } from '../openInferenceBody.ts'
import { requesterOf } from '../requester.ts'
import { answerWith } from './inference.ts'

/** The Open Inference Protocol (KServe v2): `/v2/models/{m}` and `/infer`, JSON and binary tensors. */
export const openInferenceRoutes: Routes = (app, context) => {
  const modelName = (request: FastifyRequest): string => (request.params as { '*': string })['*']

  app.get('/v2/health/live', async () => ({ live: true }))
  app.get('/v2/health/ready', async (_request, reply) => {
    const ready = context.notReady() === null
    return reply.code(ready ? 200 : 503).send({ ready })
  })
  app.get('/v2', async () => ({
    name: context.relay.name,
    version: context.relay.version,
    extensions: ['binary_tensor_data'],
  }))
  app.get('/v2/models/*', async (request) => {
    const name = modelName(request).replace(/\/ready$/, '')
    const { model, graph } = graphByName(context.registry, name)
    if (modelName(request).endsWith('/ready')) {
      const ready = [...context.core.tabs.values()].some(
        (tab) => tab.link !== null && tab.ready.has(model.hash),
      )
      return { name, ready }
    }
    const tensors = (specs: typeof graph.inputs) =>
      specs.map(({ name: tensor, datatype, shape }) => ({
        name: tensor,
        datatype,
        shape: shape.map((size) => (typeof size === 'number' ? size : -1)),
      }))
    return {
      name,
      versions: ['1'],
      platform: 'onnx',
      inputs: tensors(graph.inputs),
      outputs: tensors(graph.outputs),
    }
  })
  app.post('/v2/models/*', async (request: FastifyRequest, reply: FastifyReply) => {
    const path = modelName(request)
    if (!path.endsWith('/infer'))
      throw new OpentabError('not_found', `There is no POST /v2/models/${path.slice(0, 100)}.`)
    requesterOf(request, context.keys, context.keyRequired)
    const name = path.slice(0, -'/infer'.length)
    const { model, index, graph } = graphByName(context.registry, name)
    const infer = await readInferRequest(request.headers, request.body, graph, (sha256) =>
      context.blobs.read(sha256),
    )
    const spec = { kind: 'infer' as const, model: model.hash, graph: index, inputs: infer.inputs }
    const job = await answerWith(context, request, reply, 'spec', spec)
    const outputs = job.answer as Tensor[]
    return writeInferAnswer(reply, name, infer, outputs, (bytes, sha256) => context.blobs.keep(bytes, sha256))
  })
}
