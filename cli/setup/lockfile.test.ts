import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { projectRoot } from './places.mjs'

interface LockedPackage {
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

/** Packages that a lockfile's packages want and that it does not hold: `npm ci` refuses such a file. */
function missingFrom(packages: Record<string, LockedPackage>): string[] {
  return Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !foldersAbove(path).some((folder) => `${folder}node_modules/${name}` in packages))
      .map((name) => `${path || 'the project'} wants ${name}`),
  )
}

/** Folders in which a package at this path finds others: its own, then each one above. */
function foldersAbove(path: string): string[] {
  const parts = path.split('node_modules/')
  return parts
    .map((_, count) => parts.slice(0, count).join('node_modules/'))
    .concat(path === '' ? '' : `${path}/`)
}

const locked = (file: string) =>
  (JSON.parse(readFileSync(join(projectRoot, file), 'utf8')) as { packages: Record<string, LockedPackage> })
    .packages

it('sees a package that is left out', () => {
  const packages = {
    '': { dependencies: { a: '1' } },
    'node_modules/a': { optionalDependencies: { 'a-linux': '1', 'a-mac': '1' } },
    'node_modules/a/node_modules/a-linux': {},
  }
  expect(missingFrom(packages)).toEqual(['node_modules/a wants a-mac'])
})

it.each(['package-lock.json', 'bench/package-lock.json'])('%s holds every platform’s packages', (file) => {
  expect(missingFrom(locked(file))).toEqual([])
})
