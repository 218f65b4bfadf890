/** A worker thread that checks answers of language models and steps of their stages; started by createReferee, ended by its close(). */
import { workerData } from 'node:worker_threads'
import { languageRunnerBeside } from '../../../engine/language/languageRunnerBeside.ts'
import { recomputeStage } from '../../../engine/language/recomputeStage.ts'
import { scoreAnswer } from '../../../engine/language/scoreAnswer.ts'
import { isFatal } from '../../../engine/onnx/ortError.ts'
import { createWasmRunner } from '../../../engine/onnx/wasmRunner.ts'
import { OpentabError } from '../../../protocol/errors.ts'
import { answerRequests } from '../answerRequests.ts'
import type { CheckOutcome } from '../checker.ts'
import type { LanguageCheck } from './languageCheck.ts'
import { LanguageRuns } from './languageRuns.ts'
import { readShardFile } from './readShardFile.ts'
import type { RefereeThreadData } from './refereeThreadData.ts'

const { wasmThreads, budgetBytes } = workerData as RefereeThreadData
const runner = languageRunnerBeside(await createWasmRunner({ threads: wasmThreads }), {
  // Each check makes a cache of its own and drops it.
  cacheBytes: 0,
})
let paths: ReadonlyMap<string, string> = new Map()
const runs = new LanguageRuns({ runner, budgetBytes, readShard: (sha256) => readShardFile(paths, sha256) })
const never = new AbortController().signal

answerRequests<LanguageCheck, CheckOutcome>(
  async ({ task, outputs, history, model, paths: files }) => {
    paths = files
    if (task.kind === 'generate') {
      const wrong = await scoreAnswer(await runs.use(model, 'whole'), task, outputs, never)
      return wrong === null ? { ok: true, verdict: 'text-scored' } : { ok: false, ...wrong }
    }
    const { first, last } = task
    const run = await runs.use(model, { first, last })
    const reason = await recomputeStage(run, task, outputs, history, never)
    return reason === null ? { ok: true, verdict: 'recomputed' } : { ok: false, reason }
  },
  {
    // As in refereeThread.ts.
    restartAfter: (error) =>
      error instanceof OpentabError && (error.code === 'out_of_memory' || isFatal(error.cause)),
  },
)
