import { wrap } from 'comlink'
import type { BareKernels } from './bareWorker.ts'

// What the benchmark drives from outside: the kernels' runner in a plain dedicated worker.

const worker = new Worker(new URL('./bareWorker.ts', import.meta.url), { type: 'module', name: 'bare' })
export type BarePage = ReturnType<typeof wrap<BareKernels>>
Object.assign(globalThis, { bareKernels: wrap<BareKernels>(worker) })
