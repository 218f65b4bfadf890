import { expect, it } from 'vitest'
import { projectRoot } from '../server/config.ts'
import { allImports, allowedImports, breaksDirection, circlesOf, importsOf } from './importDirections.ts'

const imports = allImports(projectRoot)
const within = (folder: string) => imports.filter(({ file }) => file.startsWith(`${folder}/`))

it('reads every way of importing', () => {
  const text = `import a from './a.ts'
import type { B } from '../protocol/b.ts'
import './styles.css'
export * from "../c.ts"
export type { D } from './d.ts'
import {
  e,
} from 'package'
const f = await import('./f.ts')
const g = new Worker(new URL('./g.ts', import.meta.url))
import shader from './h.wgsl?raw'
`
  expect(importsOf('server/x.ts', text).map(({ target }) => target)).toEqual([
    'server/a.ts',
    'protocol/b.ts',
    'server/styles.css',
    'c.ts',
    'server/d.ts',
    'package',
    'server/f.ts',
    'server/g.ts',
    'server/h.wgsl',
  ])
})

it('knows a wrong direction when it sees one', () => {
  const from = (file: string, target: string): boolean => breaksDirection({ file, target, typeOnly: false })
  expect(from('protocol/a.ts', 'server/b.ts')).toBe(true)
  expect(from('worker/link/a.ts', 'server/b.ts')).toBe(true)
  expect(from('server/jobs/a.ts', 'engine/b.ts')).toBe(true)
  expect(from('server/verify/referee/a.ts', 'engine/b.ts')).toBe(false)
  expect(from('server/verify/referee/a.ts', 'worker/b.ts')).toBe(true)
  expect(from('server/jobs/a.ts', 'server/verify/referee/b.ts')).toBe(false)
  expect(from('engine/a.ts', 'shaders/b.ts')).toBe(false)
  expect(from('shaders/a.ts', 'engine/b.ts')).toBe(true)
})

it('looks at every folder of the table', () => {
  for (const folder of Object.keys(allowedImports)) expect(within(folder), folder).not.toEqual([])
})

it('imports go one way only', () => {
  expect(imports.filter(breaksDirection).map(({ file, target }) => `${file} -> ${target}`)).toEqual([])
})

it('knows a circle when it sees one', () => {
  const from = (file: string, target: string) => ({ file, target, typeOnly: false })
  const imports = [
    from('a', 'b'),
    from('b', 'c'),
    from('c', 'b'),
    from('d', 'a'),
    from('e', 'e'),
    from('c', 'fs'),
  ]
  expect(circlesOf(imports)).toEqual([['b', 'c'], ['e']])
  expect(circlesOf([from('a', 'b'), from('b', 'c'), from('c', 'd')])).toEqual([])
})

it('no files import one another in a circle', () => {
  expect(circlesOf(imports.filter(({ typeOnly }) => !typeOnly))).toEqual([])
})

/** Records that are told by one another: types alone, each in the file of its idea. */
const mutualTypes = new Set([
  // A task knows its answer's part, which hears of tabs, which hold tasks.
  'server/jobs/answerPart.ts server/jobs/begunStretch.ts server/jobs/jobRecords.ts server/placement/tab.ts',
  'protocol/language.ts protocol/manifest.ts',
  'protocol/tlog/signedNote.ts protocol/tlog/verifierKey.ts',
  'protocol/kernel/loopTrips.ts protocol/kernel/programOutline.ts',
  'cli/kernel/jobFile.ts cli/kernel/readReference.ts',
])

it('types go round in a circle only where they are told by one another', () => {
  const circles = circlesOf(imports).map((circle) => circle.join(' '))
  expect(circles.filter((circle) => !mutualTypes.has(circle))).toEqual([])
})

it('protocol, shaders and the ONNX part of the engine know no Node', () => {
  const portable = [
    ...within('protocol'),
    ...within('shaders'),
    ...within('engine'),
    ...within('worker'),
    ...within('web'),
  ]
  expect(portable.filter(({ target }) => target.startsWith('node:'))).toEqual([])
})

it('the core of the relay knows neither sockets nor SQL', () => {
  const core = ['server/jobs', 'server/placement', 'server/verify', 'server/ledger'].flatMap(within)
  const known = core.filter(
    ({ target, typeOnly }) =>
      !typeOnly &&
      (['ws', 'fastify', 'node:sqlite', 'node:http'].includes(target) ||
        /^server\/(ws|store\/sqlite)/.test(target)),
  )
  expect(known.map(({ file, target }) => `${file} -> ${target}`)).toEqual([])
})

it('the core of the relay knows none of the forms in which it is asked', () => {
  const folders = ['jobs', 'placement', 'verify', 'ledger', 'language', 'kernels', 'store', 'maintenance']
  const known = folders
    .flatMap((folder) => within(`server/${folder}`))
    .filter(({ target }) => /^server\/(http|openai|ws)\//.test(target))
  expect(known.map(({ file, target }) => `${file} -> ${target}`)).toEqual([])
})
