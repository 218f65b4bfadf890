import { proxy, type Remote, transfer, wrap } from 'comlink'
import type { TaskSpec } from '../../protocol/task.ts'
import type { OpenOptions } from '../compute/computeApi.ts'
import type { PageApi } from './linkApi.ts'
import type { ComputeHost, ComputePort } from './tabEnvironment.ts'

/**
 * A task with inputs of its own memory, which can be given away: they are views of a frame that other leases share,
 * and a view would take the whole frame along.
 */
function detached(spec: TaskSpec): TaskSpec {
  if (spec.inputs.length === 0) return spec
  const inputs = spec.inputs.map((tensor) => ({ ...tensor, bytes: tensor.bytes.slice() }))
  return transfer(
    { ...spec, inputs },
    inputs.map(({ bytes }) => bytes.buffer),
  )
}

const binariesOf = ({ wasmBinary, webgpuBinary }: OpenOptions): ArrayBuffer[] =>
  webgpuBinary ? [wasmBinary, webgpuBinary] : [wasmBinary]

/** The compute worker behind a comlink port, with what is large transferred instead of copied. */
export function remoteCompute(port: MessagePort): ComputePort {
  const remote: Remote<ComputePort> = wrap<ComputePort>(port)
  return {
    open: (options) => remote.open(transfer(options, binariesOf(options))),
    loadModel: (model, shards, range) =>
      remote.loadModel(model, transfer(shards, [...shards.values()]), range),
    unloadModel: (hash) => remote.unloadModel(hash),
    run: (spec, run) => remote.run(detached(spec), run),
    endRun: (run) => remote.endRun(run),
    hearTokens: (listener) => remote.hearTokens(proxy(listener)),
    adoptTuning: (choices) => remote.adoptTuning(choices),
    hearTuning: (listener) => remote.hearTuning(proxy(listener)),
    stop: () => remote.stop(),
    loseDevice: () => remote.loseDevice(),
  }
}

/** The compute worker that the page spawns and kills. */
export function pageComputeHost(page: Pick<PageApi, 'spawnCompute' | 'killCompute'>): ComputeHost {
  return {
    spawn: async () => remoteCompute(await page.spawnCompute()),
    kill: () => void page.killCompute(),
  }
}
