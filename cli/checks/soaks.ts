import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../server/config.ts'
import { soakNames } from '../programs.ts'
import type { CheckKind } from './check.ts'
import { showProgram } from './runProgram.ts'

/** Share of a long run that gates a change. */
const SCALE = 1 / 50

/** Long runs without a test beside them: those tests run a fiftieth themselves. */
const untested = soakNames().filter((name) => !existsSync(join(projectRoot, `bench/soak/${name}.test.ts`)))

/** Those long runs at a fiftieth; each counts as one check. Empty when all have their own test. */
export const soaks: readonly CheckKind[] = untested.map((soak) => ({
  name: `soak-${soak}`,
  async run() {
    const code = await showProgram('cli/soak.ts', [soak, '--scale', String(SCALE)])
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [] }
  },
}))
