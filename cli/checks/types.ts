import { existsSync, globSync } from 'node:fs'
import { projectRoot } from '../../server/config.ts'
import type { CheckKind } from './check.ts'
import { runProgram } from './runProgram.ts'

/** Compilers that run at once. */
const AT_ONCE = 2

/** Every TypeScript project of the tree but the root, which only holds the common settings. */
export function typeScriptProjects(): string[] {
  const found = globSync('{*,*/*,*/*/*}/tsconfig.json', {
    cwd: projectRoot,
    exclude: (path) => /(^|\/)(node_modules|dist|data|\.cache)(\/|$)/.test(path),
  })
  return [...found, 'tsconfig.tests.json'].sort()
}

/** Type checks of all folders; each project counts as one check. */
export const types: CheckKind = {
  name: 'types',
  async run() {
    const waiting = typeScriptProjects()
    const tally = { passed: 0, failed: 0, skipped: [] as string[] }
    async function work(): Promise<void> {
      for (let project = waiting.shift(); project !== undefined; project = waiting.shift()) {
        if (project.startsWith('bench/relay/peers/') && !existsSync(`${projectRoot}/bench/node_modules`)) {
          tally.skipped.push(
            `types of ${project}: the peers are not installed (npm run bench -- relay does it)`,
          )
          continue
        }
        const { code, output } = await runProgram('node_modules/typescript/bin/tsc', ['-p', project])
        process.stdout.write(`${code === 0 ? 'ok  ' : 'FAIL'} tsc -p ${project}\n${output}`)
        if (code === 0) tally.passed++
        else tally.failed++
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    return tally
  },
}
