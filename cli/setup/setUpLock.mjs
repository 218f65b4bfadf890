// @ts-check
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'

/** How often a holder shows that it is alive, ms. */
const BEAT_MS = 2_000
/** Without a sign of life for this long a lock counts as left behind, ms. */
const STALE_MS = 15_000
const LOOK_EVERY_MS = 200

/**
 * Does the work while holding the lock file; waits while another process holds it. A lock that a killed process left
 * is taken over.
 * @template T
 * @param {string} file
 * @param {() => void} onWait called once when somebody else holds the lock
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withSetUpLock(file, onWait, work) {
  mkdirSync(dirname(file), { recursive: true })
  const token = JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() })
  let told = false
  while (!take(file, token)) {
    if (!told) onWait()
    told = true
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
  const beat = setInterval(() => {
    try {
      utimesSync(file, new Date(), new Date())
    } catch {
      // Deleted by hand; nothing to keep alive.
    }
  }, BEAT_MS)
  try {
    return await work()
  } finally {
    clearInterval(beat)
    if (read(file) === token) rmSync(file, { force: true })
  }
}

/** @param {string} file @param {string} token */
function take(file, token) {
  try {
    writeFileSync(file, token, { flag: 'wx' })
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
  }
  const seen = read(file)
  if (seen !== undefined && leftBehind(file, seen)) {
    // Moved away under a name of our own first: of two that see the same stale lock, one gets it.
    const aside = `${file}.${process.pid}`
    try {
      renameSync(file, aside)
      if (read(aside) === seen) rmSync(aside, { force: true })
      else renameSync(aside, file)
    } catch {
      // Another one was quicker.
    }
  }
  return false
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** @param {string} file @param {string} token */
function leftBehind(file, token) {
  try {
    if (Date.now() - statSync(file).mtimeMs > STALE_MS) return true
    const { pid, host } = JSON.parse(token)
    if (host !== hostname()) return false
    process.kill(pid, 0)
    return false
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH'
  }
}
