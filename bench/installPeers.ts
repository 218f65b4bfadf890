import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../server/config.ts'

/** The peers' packages are the benchmarks' own: installed by the first benchmark that misses one. */
export function installPeers(packages: readonly string[]): void {
  const folder = join(projectRoot, 'bench')
  if (packages.every((name) => existsSync(join(folder, 'node_modules', name)))) return
  process.stderr.write('Installing the peers (bench/package.json) ...\n')
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: ['ignore', 2, 2] })
}
