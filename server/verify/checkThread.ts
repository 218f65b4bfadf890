/** A worker thread that checks matmul results by Freivalds and compares outputs of custom kernels; started by createChecker, ended by its close(). */
import type { KernelTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { type Comparison, compareOutputs } from '../kernels/compareOutputs.ts'
import { answerRequests } from './answerRequests.ts'
import type { CheckOutcome } from './checker.ts'
import { checkMatmul } from './freivalds/checkMatmul.ts'
import { SecretRandom } from './freivalds/secretRandom.ts'
import type { OutputPair } from './outputComparer.ts'

/** What the thread is sent; the tensors' memory belongs to it. */
export interface MatmulCheck {
  task: KernelTask
  c: Tensor
}

const random = new SecretRandom()
answerRequests<MatmulCheck | OutputPair, CheckOutcome | Comparison>((body) =>
  'task' in body
    ? checkMatmul(body.task, body.c, random)
    : compareOutputs(body.outputs, body.reference, body.tolerance),
)
