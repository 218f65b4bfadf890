import { OpentabError } from '../../protocol/errors.ts'
import type { Graph, Manifest, ServedModel } from '../../protocol/manifest.ts'
import type { InferTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { checkInputs, describeTensors } from './checkInputs.ts'
import type { OnnxBackend, OnnxRunner } from './onnxRunner.ts'
import { guardOf } from './ortGuard.ts'
import type { OrtRuntime, OrtSession, OrtTensor } from './ortRuntime.ts'
import { fromOrtTensor, toOrtTensor } from './ortTensor.ts'

type SessionOptions = NonNullable<Parameters<OrtRuntime['InferenceSession']['create']>[1]>

interface LoadedModel {
  manifest: Manifest
  /** Sessions by the SHA-256 of their shard. */
  sessions: Map<string, OrtSession>
}

/** A runner over one copy of ONNX Runtime Web, with these options for each session. */
export function createOrtRunner(
  ort: OrtRuntime,
  backend: OnnxBackend,
  sessionOptions: () => SessionOptions,
): OnnxRunner {
  const models = new Map<string, LoadedModel>()
  const guard = guardOf(ort)
  const { inTurn, attempt } = guard

  async function release(sessions: Iterable<OrtSession>): Promise<void> {
    for (const session of sessions) await session.release()
  }

  async function makeSessions(
    model: ServedModel,
    readShard: (sha256: string) => Promise<Uint8Array<ArrayBuffer>>,
  ): Promise<Map<string, OrtSession>> {
    const sessions = new Map<string, OrtSession>()
    try {
      for (const graph of model.manifest.graphs) {
        for (const shard of graph.shards) {
          if (sessions.has(shard.sha256)) continue
          const bytes = await readShard(shard.sha256)
          const session = await attempt(
            () =>
              `Loading shard ${shard.sha256.slice(0, 12)} (${bytes.byteLength} bytes) of ${model.manifest.id}`,
            () => ort.InferenceSession.create(bytes, sessionOptions()),
          )
          sessions.set(shard.sha256, session)
        }
      }
      return sessions
    } catch (error) {
      if (!guard.broken) await release(sessions.values())
      throw error
    }
  }

  async function runGraph(model: LoadedModel, graph: Graph, inputs: readonly Tensor[]): Promise<Tensor[]> {
    const values = new Map<string, OrtTensor>()
    for (const tensor of inputs) values.set(tensor.name, toOrtTensor(ort, tensor))
    for (const [position, shard] of graph.shards.entries()) {
      const session = sessionOf(model, shard.sha256)
      const feeds: Record<string, OrtTensor> = {}
      for (const name of session.inputNames) {
        const value = values.get(name)
        if (!value) {
          throw new OpentabError(
            'model_failed',
            `Shard ${position} of graph ${graph.name} of ${model.manifest.id} wants ${name}, which nothing before it gives.`,
          )
        }
        feeds[name] = value
      }
      const wanted = neededAfter(model, graph, position, session.outputNames)
      const results = await session.run(feeds, wanted)
      for (const name of wanted) {
        const value = results[name]
        if (value) values.set(name, value)
      }
    }
    return graph.outputs.map(({ name }) => {
      const value = values.get(name)
      if (!value) {
        throw new OpentabError(
          'model_failed',
          `Graph ${graph.name} of ${model.manifest.id} declares the output ${name}, which no shard gives.`,
        )
      }
      return fromOrtTensor(name, value)
    })
  }

  return {
    backend,
    load: (model, readShard) =>
      inTurn(async () => {
        if (models.has(model.hash)) return
        models.set(model.hash, { manifest: model.manifest, sessions: await makeSessions(model, readShard) })
      }),
    loaded: () => [...models.keys()],
    unload: (modelHash) =>
      inTurn(async () => {
        const model = models.get(modelHash)
        models.delete(modelHash)
        if (model && !guard.broken) await release(model.sessions.values())
      }),
    run: (task: InferTask) =>
      inTurn(async () => {
        const model = models.get(task.model)
        if (!model) {
          throw new OpentabError('model_not_found', `Model ${task.model.slice(0, 12)} is not loaded here.`)
        }
        const graph = model.manifest.graphs[task.graph]
        if (!graph) {
          throw new OpentabError(
            'invalid_value',
            `${model.manifest.id} has ${model.manifest.graphs.length} graphs and no graph ${task.graph}.`,
            { param: 'graph' },
          )
        }
        checkInputs(graph, task.inputs)
        return attempt(
          () => `Running graph ${graph.name} of ${model.manifest.id} on ${describeTensors(task.inputs)}`,
          () => runGraph(model, graph, task.inputs),
        )
      }),
    dispose: () =>
      inTurn(async () => {
        const sessions = [...models.values()].flatMap((model) => [...model.sessions.values()])
        models.clear()
        if (!guard.broken) await release(sessions)
      }),
  }
}

function sessionOf(model: LoadedModel, sha256: string): OrtSession {
  const session = model.sessions.get(sha256)
  if (!session)
    throw new OpentabError(
      'model_failed',
      `Shard ${sha256.slice(0, 12)} of ${model.manifest.id} is not loaded.`,
    )
  return session
}

/** Of a shard's outputs, those that a later shard or the caller reads. */
function neededAfter(
  model: LoadedModel,
  graph: Graph,
  position: number,
  outputNames: readonly string[],
): string[] {
  const read = new Set(graph.outputs.map(({ name }) => name))
  for (const shard of graph.shards.slice(position + 1)) {
    for (const name of sessionOf(model, shard.sha256).inputNames) read.add(name)
  }
  return outputNames.filter((name) => read.has(name))
}
