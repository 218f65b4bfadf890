import type { CheckKind } from './check.ts'
import { showProgram } from './runProgram.ts'

/** Format and lint of the whole tree; counts as one check. */
export const lint: CheckKind = {
  name: 'lint',
  async run() {
    const code = await showProgram('node_modules/@biomejs/biome/bin/biome', [
      'check',
      '--error-on-warnings',
      '.',
    ])
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [] }
  },
}
