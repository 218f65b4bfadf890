import { soakNames } from '../programs.ts'
import type { CheckKind } from './check.ts'
import { showProgram } from './runProgram.ts'

/** Share of a long run that gates a change. */
const SCALE = 1 / 50

/** Every long run at a fiftieth; each counts as one check. */
export const soaks: CheckKind = {
  name: 'soak',
  async run() {
    const tally = { passed: 0, failed: 0, skipped: [] as string[] }
    for (const name of soakNames()) {
      const code = await showProgram('cli/soak.ts', [name, '--scale', String(SCALE)])
      process.stdout.write(`${code === 0 ? 'ok  ' : 'FAIL'} soak ${name}\n`)
      if (code === 0) tally.passed++
      else tally.failed++
    }
    return tally
  },
}
