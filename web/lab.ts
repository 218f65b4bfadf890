/** The lab's one store with its workers; made when the page is first opened, kept while the reader looks at other pages. */
import type { LabGpuApi } from './lab/gpu/labGpuApi.ts'
import { createLabWorker } from './lab/labWorker.ts'
import type { LabNumbersApi } from './lab/numbers/labNumbersApi.ts'
import { createKernelJobApi } from './state/kernelJobApi.ts'
import { createLabFleet } from './state/labFleet.ts'
import { createLabMeasure } from './state/labMeasure.ts'
import { createLabStore } from './state/labStore.ts'

const gpu = createLabWorker<LabGpuApi>(
  () => new Worker(new URL('./lab/gpu/labGpu.ts', import.meta.url), { type: 'module', name: 'labGpu' }),
)
const numbers = createLabWorker<LabNumbersApi>(
  () =>
    new Worker(new URL('./lab/numbers/labNumbers.ts', import.meta.url), {
      type: 'module',
      name: 'labNumbers',
    }),
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
