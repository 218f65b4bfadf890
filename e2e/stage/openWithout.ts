import type { BrowserContext } from 'playwright-core'
import { type Contributor, openContribute } from './contributor.ts'
import { beforeWorker } from './workerScripts.ts'

/** The contribute page in a tab of another device class: its GPU has one feature less. */
export async function openWithout(context: BrowserContext, feature: string): Promise<Contributor> {
  await beforeWorker(
    context,
    'compute',
    new Function(`
      const has = Object.getOwnPropertyDescriptor(GPUAdapter.prototype, 'features').get
      Object.defineProperty(GPUAdapter.prototype, 'features', {
        get() { return new Set([...has.call(this)].filter((name) => name !== '${feature}')) },
      })
    `) as () => void,
  )
  return openContribute(context)
}
