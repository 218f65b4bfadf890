import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { withSetUpLock } from './setUpLock.mjs'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'opentab-lock-'))
  file = join(folder, 'deep', 'set-up.lock')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const never = (): never => {
  throw new Error('waited')
}

it('is held during the work and gone after it', async () => {
  expect(await withSetUpLock(file, never, async () => existsSync(file))).toBe(true)
  expect(existsSync(file)).toBe(false)
})

it('is gone after work that fails', async () => {
  await expect(withSetUpLock(file, never, () => Promise.reject(new Error('broken')))).rejects.toThrow(
    'broken',
  )
  expect(existsSync(file)).toBe(false)
})

it('lets one work at a time; the others wait and are told once', async () => {
  let inside = 0
  let most = 0
  let told = 0
  const work = async (): Promise<void> => {
    most = Math.max(most, ++inside)
    await new Promise((resolve) => setImmediate(resolve))
    inside--
  }
  await Promise.all([1, 2, 3].map(() => withSetUpLock(file, () => void told++, work)))
  expect([most, told]).toEqual([1, 2])
})

it('takes over from a process that is gone', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  await withSetUpLock(file, never, async () => {})
  writeFileSync(file, JSON.stringify({ pid, host: hostname(), id: 'x' }))
  expect(
    await withSetUpLock(
      file,
      () => {},
      async () => readFileSync(file, 'utf8'),
    ),
  ).not.toContain('"x"')
})

it('takes over a lock without a sign of life, whatever machine it is from', async () => {
  await withSetUpLock(file, never, async () => {})
  writeFileSync(file, JSON.stringify({ pid: process.pid, host: 'another machine', id: 'x' }))
  const past = new Date(Date.now() - 60_000)
  utimesSync(file, past, past)
  expect(
    await withSetUpLock(
      file,
      () => {},
      async () => true,
    ),
  ).toBe(true)
})
