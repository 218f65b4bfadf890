import { globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/** The folders that code may import from, by the folder it is in. A folder may always import from itself. */
export const allowedImports: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  shaders: ['protocol'],
  engine: ['protocol', 'shaders'],
  worker: ['protocol', 'shaders', 'engine'],
  web: ['protocol', 'shaders', 'engine', 'worker'],
  models: ['protocol'],
  server: ['protocol', 'shaders', 'models'],
  // The referee runs the same engine as the tabs.
  'server/verify/referee': ['protocol', 'shaders', 'models', 'server', 'engine'],
  cli: ['protocol', 'models', 'server'],
  // What tries the whole may look at every part.
  bench: ['protocol', 'shaders', 'engine', 'worker', 'web', 'models', 'server', 'cli', 'e2e'],
  e2e: ['protocol', 'shaders', 'engine', 'worker', 'web', 'models', 'server', 'cli'],
}

export interface Import {
  /** Importing file, from the project's root. */
  file: string
  /** Imported file, from the project's root; a package's name when it is none of ours. */
  target: string
  /** Whether only types are taken. */
  typeOnly: boolean
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|\b(?:import|new URL)\(\s*['"]([^'"]+)['"]/g

/** Every import of a text; `file` tells where relative ones start. */
export function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(importPattern)].map((match) => {
    const specifier = (match[2] ?? match[3])!.replace(/\?.*$/, '')
    const target = specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : specifier
    return { file, target, typeOnly: match[1] !== undefined }
  })
}

/** The rule of a file: the longest folder of the table that holds it. */
function ruleOf(file: string): string | undefined {
  return Object.keys(allowedImports)
    .filter((folder) => file.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0]
}

/** Whether the import goes against the table; packages are always allowed here. */
export function breaksDirection({ file, target }: Import): boolean {
  const rule = ruleOf(file)
  const targetRule = ruleOf(target)
  if (rule === undefined || targetRule === undefined) return false
  const top = (folder: string): string => folder.split('/')[0]!
  if (top(rule) === top(targetRule)) return false
  return !allowedImports[rule]!.includes(top(targetRule))
}

/** Files that import one another in a circle, each circle in the order of the alphabet. */
export function circlesOf(imports: readonly Import[]): string[][] {
  const targets = new Map<string, string[]>()
  for (const { file } of imports) targets.set(file, [])
  for (const { file, target } of imports) if (targets.has(target)) targets.get(file)!.push(target)
  const reachableFrom = (start: string): Set<string> => {
    const reached = new Set<string>()
    const left = [...targets.get(start)!]
    for (let file = left.pop(); file !== undefined; file = left.pop()) {
      if (reached.has(file)) continue
      reached.add(file)
      left.push(...targets.get(file)!)
    }
    return reached
  }
  const reach = new Map([...targets.keys()].map((file) => [file, reachableFrom(file)]))
  const circles = new Map<string, string[]>()
  for (const [file, reached] of reach) {
    if (!reached.has(file)) continue
    const circle = [...reached].filter((other) => reach.get(other)!.has(file)).sort()
    circles.set(circle[0]!, circle)
  }
  return [...circles.values()]
}

/** Code files of the tree, without tests and their fixtures. */
export function codeFiles(root: string): string[] {
  return globSync(`{${Object.keys(allowedImports).join()}}/**/*.{ts,tsx,mjs}`, { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !/(^|\/)(node_modules\/|fixture[A-Z])|\.test\.tsx?$|\.d\.ts$/.test(file))
}

/** Every import of the tree. */
export const allImports = (root: string): Import[] =>
  codeFiles(root).flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')))
