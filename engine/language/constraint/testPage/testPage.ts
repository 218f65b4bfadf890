import type { Constraint } from '../../../../protocol/generation.ts'

/** Asks a worker, which asks the grammars' worker: as in a tab. */
function allowedTexts(constraint: Constraint, given: string): Promise<string[]> {
  const worker = new Worker(new URL('./askWorker.ts', import.meta.url), { type: 'module' })
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data as string[])
    worker.onerror = ({ message }) => reject(new Error(message))
    worker.postMessage({ constraint, given })
  })
}

export interface TestPage {
  allowedTexts: typeof allowedTexts
}
;(globalThis as { testPage?: TestPage }).testPage = { allowedTexts }
