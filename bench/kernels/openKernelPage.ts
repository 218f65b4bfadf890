import type { Browser } from 'playwright-core'
import { openBarePage } from '../barePage.ts'
import type { KernelPage } from './kernelPageApi.ts'

/** The page in which all sides run. */
export interface OpenedKernelPage extends Omit<KernelPage, 'release'> {
  release(name: string): Promise<void>
  close(): Promise<void>
}

/** Opens the page in a context of its own, with nothing loaded yet. */
export async function openKernelPage(browser: Browser): Promise<OpenedKernelPage> {
  const { page, close } = await openBarePage(browser, 'bench/kernels/page/index.html', {
    ready: 'kernelPage',
  })
  function ask<Name extends keyof KernelPage>(
    name: Name,
  ): (...given: Parameters<KernelPage[Name]>) => Promise<Awaited<ReturnType<KernelPage[Name]>>> {
    return (...given) =>
      page.evaluate(
        ([called, values]) => {
          const { kernelPage } = globalThis as unknown as {
            kernelPage: Record<string, (...all: unknown[]) => unknown>
          }
          return kernelPage[called]!(...values)
        },
        [name, given] as const,
      ) as Promise<Awaited<ReturnType<KernelPage[Name]>>>
  }
  return {
    adapter: ask('adapter'),
    prepare: ask('prepare'),
    turn: ask('turn'),
    release: ask('release'),
    choices: ask('choices'),
    firstResult: ask('firstResult'),
    close,
  }
}
