import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'
import type { Tally } from './check.ts'

/** Names the file that a run's tally goes to. */
export const TALLY_FILE = 'TEST_TALLY_FILE'

/** Vitest reporter: counts tests, and modules that could not even be loaded, and keeps the reasons of skips. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tally: Tally = { passed: 0, failed: errors.length, skipped: [] }
    for (const module of modules) {
      let failedInside = false
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed') tally.passed++
        else if (result.state === 'skipped') {
          tally.skipped.push(
            `${module.relativeModuleId}: ${test.fullName}: ${result.note ?? 'no reason given'}`,
          )
        } else {
          tally.failed++
          failedInside = true
        }
      }
      if (module.state() === 'failed' && !failedInside) tally.failed++
    }
    const file = process.env[TALLY_FILE]
    if (file) writeFileSync(file, JSON.stringify(tally))
  }
}
