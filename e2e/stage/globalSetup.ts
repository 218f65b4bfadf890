import { chromium } from 'playwright-core'
import type { TestProject } from 'vitest/node'
import { chromiumArgs } from '../../cli/chromiumArgs.ts'
import { findChromium } from '../../cli/findChromium.ts'
import { prepare } from '../../cli/setup/prepare.mjs'
import { modelsFrom } from './dataFolder.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Playwright endpoint of the one browser of all stories. */
    browserEndpoint: string
  }
}

/** Before all stories: models and pages that are as new as their sources, and one browser. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  await prepare({ needs: ['browser', 'models', 'pages'], dataFolder: modelsFrom })
  const executablePath = findChromium()
  if (executablePath === undefined) {
    throw new Error('There is no Chrome or Chromium. Run npm run setup, or set OPENTAB_CHROMIUM.')
  }
  const server = await chromium.launchServer({ executablePath, args: [...chromiumArgs] })
  project.provide('browserEndpoint', server.wsEndpoint())
  return () => server.close()
}
