import type { Browser } from 'playwright-core'
import { openBarePage } from '../barePage.ts'
import type { BarePage } from './bare/barePage.ts'
import type { BareKernels } from './bare/bareWorker.ts'

/** The kernels' runner in a bare worker of a page in this browser, built as the tabs' pages are. */
export async function openBareKernels(browser: Browser): Promise<BareKernels & { close(): Promise<void> }> {
  const { page, close } = await openBarePage(browser, 'bench/tabs/bare/index.html', { ready: 'bareKernels' })
  return {
    run: (options) =>
      page.evaluate((given) => {
        const { bareKernels } = globalThis as unknown as { bareKernels: BarePage }
        return bareKernels.run(given)
      }, options),
    close,
  }
}
