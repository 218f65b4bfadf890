import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { TestProject } from 'vitest/node'
import { chromiumArgs } from '../../cli/chromiumArgs.ts'
import { findChromium } from '../../cli/findChromium.ts'
import { missingParts } from '../../cli/setup/missingParts.mjs'
import { buildPages } from '../../cli/setup/pages.ts'
import { modelsFolder } from './dataFolder.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Playwright endpoint of the one browser of all stories. */
    browserEndpoint: string
  }
}

/** Before all stories: pages that are as new as their sources, models, one browser. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(modelsFolder)) {
    throw new Error(`The stories run real models and ${modelsFolder} is not there. Run npm run setup first.`)
  }
  if (missingParts({ needs: ['pages'], dataFolder: modelsFolder }).includes('pages')) {
    await buildPages((line) => process.stderr.write(`${line}\n`))
  }
  const executablePath = findChromium()
  if (executablePath === undefined) {
    throw new Error('There is no Chrome or Chromium. Run npm run setup, or set OPENTAB_CHROMIUM.')
  }
  const server = await chromium.launchServer({ executablePath, args: [...chromiumArgs] })
  project.provide('browserEndpoint', server.wsEndpoint())
  return () => server.close()
}
