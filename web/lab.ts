/** The lab's one store with its workers; made when the page is first opened, kept while the reader looks at other pages. */
import { proxy } from 'comlink'
import type { LabGpuApi } from './lab/gpu/labGpuApi.ts'
import { createLabWorker } from './lab/labWorker.ts'
import type { LabNumbersApi, NumbersStart } from './lab/numbers/labNumbersApi.ts'
import { createExpressionSandbox } from './lab/sandbox/expressionSandbox.ts'
import { createKernelJobApi } from './state/kernelJobApi.ts'
import { createLabFleet } from './state/labFleet.ts'
import { createLabMeasure } from './state/labMeasure.ts'
import { createLabStore } from './state/labStore.ts'

const gpu = createLabWorker<LabGpuApi>(
  () => new Worker(new URL('./lab/gpu/labGpu.ts', import.meta.url), { type: 'module', name: 'labGpu' }),
)
/** How long an expression may take, ms. */
const EXPRESSION_MS = 6_000
const sandbox = createExpressionSandbox(EXPRESSION_MS)
const numbers = createLabWorker<LabNumbersApi & NumbersStart>(
  () =>
    new Worker(new URL('./lab/numbers/labNumbers.ts', import.meta.url), {
      type: 'module',
      name: 'labNumbers',
    }),
  (api) => void api.start(proxy(sandbox)),
)

export const lab = createLabStore({
  gpu,
  numbers,
  nowMs: () => performance.now(),
  later: (work, ms) => {
    const timer = setTimeout(work, ms)
    return () => clearTimeout(timer)
  },
})

export const measure = createLabMeasure(lab)

export const fleet = createLabFleet(
  lab,
  createKernelJobApi((input, init) => fetch(input, init)),
  (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
)
