/** A worker thread that runs ONNX tasks on WASM and compares; started by createReferee, ended by its close(). */
import { workerData } from 'node:worker_threads'
import { isFatal } from '../../../engine/onnx/ortError.ts'
import { createWasmRunner } from '../../../engine/onnx/wasmRunner.ts'
import { OpentabError } from '../../../protocol/errors.ts'
import type { Ranked, ServedModel, Tolerance } from '../../../protocol/manifest.ts'
import type { InferTask } from '../../../protocol/task.ts'
import type { Tensor } from '../../../protocol/tensor.ts'
import { answerRequests } from '../answerRequests.ts'
import type { CheckOutcome } from '../checker.ts'
import { compareTensors } from './compareTensors.ts'
import { ModelCache } from './modelCache.ts'
import { readShardFile } from './readShardFile.ts'
import type { RefereeThreadData } from './refereeThreadData.ts'

/** What the thread is sent; the tensors' memory belongs to it. */
export interface RefereeCheck {
  task: InferTask
  outputs: Tensor[]
  model: ServedModel
  /** File of each shard, by its SHA-256. */
  paths: ReadonlyMap<string, string>
  tolerance: Tolerance
  ranked: Ranked | undefined
}

const { wasmThreads, budgetBytes } = workerData as RefereeThreadData
const runner = await createWasmRunner({ threads: wasmThreads })
let paths: ReadonlyMap<string, string> = new Map()
const models = new ModelCache({
  runner,
  budgetBytes,
  readShard: (sha256) => readShardFile(paths, sha256),
})

answerRequests<RefereeCheck, CheckOutcome>(
  async (check) => {
    paths = check.paths
    await models.use(check.model)
    const expected = await runner.run(check.task)
    const reason = compareTensors(check.outputs, expected, check.tolerance, check.ranked)
    return reason === null ? { ok: true, verdict: 'recomputed' } : { ok: false, reason }
  },
  {
    // WASM memory grows and never shrinks, and an instance that crashed stays broken.
    restartAfter: (error) =>
      error instanceof OpentabError && (error.code === 'out_of_memory' || isFatal(error.cause)),
  },
)
