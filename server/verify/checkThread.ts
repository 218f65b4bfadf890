/** A worker thread that checks matmul results by Freivalds; started by createChecker, ended by its close(). */
import type { KernelTask } from '../../protocol/task.ts'
import type { Tensor } from '../../protocol/tensor.ts'
import { answerRequests } from './answerRequests.ts'
import type { CheckOutcome } from './checker.ts'
import { checkMatmul } from './freivalds/checkMatmul.ts'
import { SecretRandom } from './freivalds/secretRandom.ts'

/** What the thread is sent; the tensors' memory belongs to it. */
export interface MatmulCheck {
  task: KernelTask
  c: Tensor
}

const random = new SecretRandom()
answerRequests<MatmulCheck, CheckOutcome>(({ task, c }) => checkMatmul(task, c, random))
