import type { BrowserContext } from 'playwright-core'
import { beforeWorker } from './workerScripts.ts'

/** Gathers the epoch ms of every GPU submit of the profile’s compute workers in `submits` of its pages. */
export async function countSubmits(context: BrowserContext): Promise<void> {
  await beforeWorker(context, 'compute', () => {
    const channel = new BroadcastChannel('submits')
    const { submit } = GPUQueue.prototype
    GPUQueue.prototype.submit = function (buffers) {
      channel.postMessage(performance.timeOrigin + performance.now())
      return submit.call(this, buffers)
    }
  })
  await context.addInitScript(() => {
    const submits: number[] = []
    Reflect.set(globalThis, 'submits', submits)
    new BroadcastChannel('submits').onmessage = ({ data }) => {
      if (typeof data === 'number') submits.push(data)
    }
  })
}
