import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../server/config.ts'
import type { CheckKind, Tally } from './check.ts'
import { showProgram } from './runProgram.ts'
import { TALLY_FILE } from './tallyReporter.ts'

/** One vitest project; each test counts as one check. */
export const vitestProject = (name: string): CheckKind => ({
  name,
  async run() {
    const folder = join(projectRoot, '.cache/tally')
    const file = join(folder, `${name}.json`)
    mkdirSync(folder, { recursive: true })
    rmSync(file, { force: true })
    const code = await showProgram(
      'node_modules/vitest/vitest.mjs',
      ['run', '--project', name, '--reporter=default', '--reporter=./cli/checks/tallyReporter.ts'],
      { ...process.env, [TALLY_FILE]: file },
    )
    const tally = readTally(file)
    // A runner that ended badly without a failed test is a failure of its own.
    if (code !== 0 && tally.failed === 0) tally.failed = 1
    return tally
  },
})

function readTally(file: string): Tally {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Tally
  } catch {
    return { passed: 0, failed: 0, skipped: [] }
  }
}
