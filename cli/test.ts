import type { CheckKind } from './checks/check.ts'
import { lint } from './checks/lint.ts'
import { soaks } from './checks/soaks.ts'
import { types } from './checks/types.ts'
import { vitestProject } from './checks/vitestProject.ts'

/** Every check that gates a change, quick ones first. */
const kinds: readonly CheckKind[] = [
  lint,
  types,
  vitestProject('node'),
  vitestProject('browser'),
  ...soaks,
  vitestProject('e2e'),
]

/** Runs the kinds that are named, all when none is. @returns the exit code */
async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !kinds.some((kind) => kind.name === name))
  if (unknown.length > 0) {
    const known = kinds.map((kind) => kind.name).join(', ')
    process.stderr.write(`There are no checks ${unknown.join(', ')}. Kinds are ${known}.\n`)
    return 2
  }
  let passed = 0
  let failed = 0
  const notes: string[] = []
  for (const kind of kinds) {
    if (names.length > 0 && !names.includes(kind.name)) continue
    process.stdout.write(`\n== ${kind.name}\n`)
    const startedAt = performance.now()
    const tally = await kind.run()
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    passed += tally.passed
    failed += tally.failed
    notes.push(`${kind.name}: ${tally.passed} passed, ${tally.failed} failed, ${seconds} s`)
    notes.push(...tally.skipped.map((skip) => `  skipped: ${skip}`))
    if (tally.passed === 0 && tally.failed === 0) {
      // Nothing ran: that must never look like success.
      failed++
      notes.push(`  ${kind.name} ran nothing, which counts as a failure`)
    }
  }
  process.stdout.write(`\n${notes.join('\n')}\n${passed} passed, ${failed} failed\n`)
  return failed === 0 ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
