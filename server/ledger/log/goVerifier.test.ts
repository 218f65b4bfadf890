import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeBase64 } from '../../../protocol/tlog/base64.ts'
import { receiptProof } from '../receipts/receiptDocument.ts'
import { FixtureLog, fixtureEntry } from './fixtureLog.ts'
import { tilePath } from './tilePath.ts'
import { tileResource } from './tiles.ts'

const scratch = mkdtempSync(join(tmpdir(), 'opentab-goverifier-'))
const program = join(scratch, 'goverifier')
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** Builds the Go program; why that is not possible, or null. */
function buildVerifier(): string | null {
  const found = spawnSync('go', ['version'], { encoding: 'utf8' })
  if (found.status !== 0) return 'go is not on the path'
  const built = spawnSync('go', ['build', '-mod=readonly', '-buildvcs=false', '-o', program, '.'], {
    cwd: join(import.meta.dirname, 'goverifier'),
    encoding: 'utf8',
  })
  if (built.status === 0) return null
  // Without a network, or with an older Go, the check is not possible; anything else is a fault of the program.
  if (/dial tcp|no such host|requires go >=|cannot find module providing|toolchain/.test(built.stderr)) {
    return `go could not build it: ${built.stderr.trim().split('\n').at(-1)}`
  }
  throw new Error(built.stderr)
}

function put(folder: string, path: string, content: string | Uint8Array): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}

/** Appends entries in commits of uneven sizes up to `size`, publishing now and then; gives the older checkpoints. */
function grow(log: FixtureLog, size: number): Map<number, string> {
  const older = new Map([[0, log.writer.published.text]])
  for (let turn = 0; log.writer.size < size; turn++) {
    const first = log.writer.size
    const count = Math.min(1 + ((turn * 37) % 150) * (size > 10_000 ? 20 : 1), size - first)
    log.append(...Array.from({ length: count }, (_, i) => fixtureEntry(first + i)))
    if (turn % 3 === 0) older.set(log.writer.size, log.publish().text)
    if (turn % 5 === 0) log.reopen()
  }
  log.publish()
  return older
}

/** Writes the published log as files, with proofs of the given entries and from the older checkpoints. */
function writeLog(folder: string, log: FixtureLog, older: Map<number, string>, proofs: number[]): void {
  const { writer } = log
  put(folder, 'vkey', `${log.signer.vkey}\n`)
  put(folder, 'checkpoint', writer.published.text)
  const putTile = (level: number | 'entries', n: number, width: number): void => {
    const path = tilePath({ level, n, width })
    put(folder, path, tileResource(writer, path)!)
  }
  for (let level = 0, hashes = writer.size; hashes > 0; level++, hashes = Math.floor(hashes / 256)) {
    for (let n = 0; n * 256 < hashes; n++) {
      const width = Math.min(256, hashes - n * 256)
      putTile(level, n, width)
      if (level === 0) putTile('entries', n, width)
    }
  }
  for (const index of proofs) put(folder, `proofs/${index}.tlog-proof`, receiptProof(writer, index)!)
  for (const [size, checkpoint] of older) {
    const hashes = writer.tree.consistencyProof(size, writer.size)
    put(folder, `history/${size}.checkpoint`, checkpoint)
    put(folder, `history/${size}.consistency`, hashes.map((hash) => `${encodeBase64(hash)}\n`).join(''))
  }
}

describe('a verifier written by others (golang.org/x/mod/sumdb)', () => {
  let missing: string | null = null
  const small = new FixtureLog()
  const folder = join(scratch, 'small')
  const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(program, args, { encoding: 'utf8' })

  beforeAll(() => {
    missing = buildVerifier()
    if (missing !== null) console.warn(`Skipped: the Go verifier did not check the log, because ${missing}.`)
    const older = grow(small, 1000)
    writeLog(
      folder,
      small,
      older,
      Array.from({ length: 1000 }, (_, i) => i),
    )
  }, 180_000)

  test('accepts a log of 1,000 entries, every proof and every older checkpoint', ({ skip }) => {
    if (missing !== null) skip(missing)
    const { stdout, stderr, status } = run(folder)
    expect(stderr).toBe('')
    expect(stdout).toMatch(
      /^valid: opentab-1f2e3d4c\/log, 1000 entries, 5 tiles, 1000 inclusion proofs, ([5-9]|\d\d) consistency proofs\n$/,
    )
    expect(status).toBe(0)
  })

  test('accepts a log with three levels of tiles', ({ skip }) => {
    if (missing !== null) skip(missing)
    const log = new FixtureLog()
    const older = grow(log, 66_000)
    const large = join(scratch, 'large')
    writeLog(
      large,
      log,
      older,
      Array.from({ length: 60 }, (_, i) => ((i * 65_999) / 59) | 0),
    )
    expect(run(large).stdout).toMatch(/66000 entries, 261 tiles, 60 inclusion/)
  })

  test('accepts an empty log', ({ skip }) => {
    if (missing !== null) skip(missing)
    const empty = join(scratch, 'empty')
    writeLog(empty, new FixtureLog(), new Map(), [])
    expect(run(empty).stdout).toContain('0 entries, 0 tiles')
  })

  test.for([
    'checkpoint',
    'vkey',
    'tile/0/001',
    'tile/0/003.p/232',
    'tile/1/000.p/3',
    'tile/entries/002',
    'tile/entries/003.p/232',
    'proofs/517.tlog-proof',
    'history/1.checkpoint',
    'history/1.consistency',
  ])('refuses the log when %s was changed', (path, { skip }) => {
    if (missing !== null) skip(missing)
    const before = readFileSync(join(folder, path))
    const changed = Buffer.from(before)
    const at = Math.floor(before.length / 2)
    changed[at] = before[at] === 0x41 ? 0x42 : 0x41
    writeFileSync(join(folder, path), changed)
    const { status, stderr } = run(folder)
    writeFileSync(join(folder, path), before)
    expect(stderr).toMatch(/^INVALID: /)
    expect(status).toBe(1)
  })
})
