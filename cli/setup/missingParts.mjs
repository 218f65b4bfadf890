// @ts-check
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { dependenciesPresent } from './dependencies.mjs'
import { builtFrom, pagesFolder, projectRoot, setUpFile } from './places.mjs'

/** @typedef {'dependencies' | 'browser' | 'models' | 'pages'} Part */

/**
 * What set-up found and made, kept between runs.
 * @typedef {object} SetUpRecord
 * @property {string} [browser] path of a Chromium that was seen to start
 * @property {Record<string, { catalogue: string, files: [path: string, bytes: number][] }>} [models] by data folder: the packaged models' files
 * @property {Partial<Record<Part, number>>} [failedAt] when a part could not be made, ms since 1970
 */

/** How long a failed part is not tried again for a command that can do without it, ms. */
const RETRY_AFTER_MS = 60 * 60_000

/** @returns {SetUpRecord} */
export function readSetUpRecord() {
  try {
    return JSON.parse(readFileSync(setUpFile, 'utf8'))
  } catch {
    return {}
  }
}

/**
 * The parts of set-up that have to be made. Looks only at names, sizes and times: some milliseconds.
 * @param {{ needs: readonly Part[], dataFolder: string }} options
 * @returns {Part[]}
 */
export function missingParts({ needs, dataFolder }) {
  const record = readSetUpRecord()
  /** @type {Part[]} */
  const missing = []
  if (!dependenciesPresent()) missing.push('dependencies')
  if (!browserPresent(record)) missing.push('browser')
  if (!modelsPresent(record, dataFolder)) missing.push('models')
  if (!pagesPresent()) missing.push('pages')
  return missing.filter(
    (part) =>
      part === 'dependencies' ||
      needs.includes(part) ||
      Date.now() - (record.failedAt?.[part] ?? 0) > RETRY_AFTER_MS,
  )
}

/** @param {SetUpRecord} record */
function browserPresent({ browser }) {
  const configured = process.env.OPENTAB_CHROMIUM
  if (configured && configured !== browser && existsSync(configured)) return false
  return browser !== undefined && existsSync(browser)
}

/**
 * @param {SetUpRecord} record
 * @param {string} dataFolder
 */
function modelsPresent({ models }, dataFolder) {
  const known = models?.[dataFolder]
  if (!known || known.catalogue !== catalogueVersion()) return false
  return known.files.every(([path, bytes]) => statSync(path, { throwIfNoEntry: false })?.size === bytes)
}

/** Changes when the code that says which models are packaged does. */
export function catalogueVersion() {
  const hash = createHash('sha256')
  for (const file of [
    'models/catalogue.ts',
    'models/setUp.ts',
    'models/pull.ts',
    'models/manifestStore.ts',
  ]) {
    hash.update(readFileSync(join(projectRoot, file)))
  }
  return hash.digest('hex')
}

function pagesPresent() {
  try {
    return readFileSync(join(pagesFolder, builtFrom), 'utf8') === pageSources()
  } catch {
    return false
  }
}

/** What the pages are built from. */
const sources = [
  'index.html',
  'vite.config.ts',
  'package-lock.json',
  'cli/setup/compressPages.ts',
  'web',
  'worker',
  'engine',
  'shaders',
  'protocol',
]

/** Hash over names, sizes and times of everything that the pages are built from; tests are left out. */
export function pageSources() {
  const hash = createHash('sha256')
  /** @param {string} path */
  const add = (path) => {
    const found = statSync(join(projectRoot, path), { throwIfNoEntry: false })
    if (!found) return
    if (found.isDirectory()) {
      for (const name of readdirSync(join(projectRoot, path)).sort()) add(`${path}/${name}`)
    } else if (!/\.test\.tsx?$|\.md$/.test(path)) {
      hash.update(`${path}\0${found.size}\0${found.mtimeMs}\n`)
    }
  }
  for (const path of sources) add(path)
  return hash.digest('hex')
}
