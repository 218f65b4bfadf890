import { createEndpoint, transfer, wrap } from 'comlink'
import type { ComputeApi, ComputeFaults } from '../computeApi.ts'
import { wasmRuntime, webgpuRuntime } from '../runtimeFiles.ts'
import { transferErrors } from '../transferError.ts'

/** What the test of the built compute worker drives from outside. */
const testPage = {
  worker: null as Worker | null,
  wasmRuntime,
  webgpuRuntime,
  transfer,
  /** A fresh compute worker, as the tab makes it. */
  async spawn() {
    transferErrors()
    testPage.worker?.terminate()
    testPage.worker = new Worker(new URL('../compute.ts', import.meta.url), {
      type: 'module',
      name: 'compute',
    })
    const port = await wrap<ComputeApi & ComputeFaults>(testPage.worker)[createEndpoint]()
    return { api: wrap<ComputeApi & ComputeFaults>(port) }
  },
}

export type TestPage = typeof testPage
Object.assign(globalThis, { testPage })
