import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasBlob, sweepTemporaryFiles, writeBlob } from './blobStore.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opentab-blobs-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const content = new TextEncoder().encode('some weights')
const blob = { sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length }

describe('writing a blob', () => {
  it('names the file by its hash, and reports the bytes as they come', async () => {
    const seen: number[] = []
    await writeBlob(folder, blob, [content.slice(0, 5), content.slice(5)], (bytes) => seen.push(bytes))
    expect(await readdir(folder)).toEqual([blob.sha256])
    expect(await readFile(join(folder, blob.sha256))).toEqual(Buffer.from(content))
    expect(seen).toEqual([5, 12])
    expect(await hasBlob(folder, blob)).toBe(true)
  })

  it.for([
    ['other bytes', [new TextEncoder().encode('some weightz')]],
    ['too few bytes', [content.slice(1)]],
    ['no bytes', []],
  ] as const)('leaves nothing behind after %s', async ([, chunks]) => {
    await expect(writeBlob(folder, blob, chunks)).rejects.toMatchObject({ code: 'wrong_hash' })
    expect(await readdir(folder)).toEqual([])
  })

  it('stops at the first byte too many instead of filling the disk', async () => {
    let taken = 0
    function* endless() {
      for (;;) {
        taken += 1
        yield content
      }
    }
    await expect(writeBlob(folder, blob, endless())).rejects.toMatchObject({ code: 'wrong_hash' })
    expect(taken).toBe(2)
    expect(await readdir(folder)).toEqual([])
  })

  it('leaves nothing behind when the source breaks off', async () => {
    async function* broken() {
      yield content.slice(0, 3)
      throw new Error('connection reset')
    }
    await expect(writeBlob(folder, blob, broken())).rejects.toThrow('connection reset')
    expect(await readdir(folder)).toEqual([])
  })

  it('lets two writers of the same blob both succeed', async () => {
    await Promise.all([writeBlob(folder, blob, [content]), writeBlob(folder, blob, [content])])
    expect(await readdir(folder)).toEqual([blob.sha256])
  })
})

describe('a blob is there', () => {
  it('only when it has its full size', async () => {
    await writeFile(join(folder, blob.sha256), content.slice(1))
    expect(await hasBlob(folder, blob)).toBe(false)
  })
})

describe('sweeping', () => {
  it('removes what a killed process left an hour ago and leaves what may be in use', async () => {
    await writeFile(join(folder, '.old.part'), 'x')
    await writeFile(join(folder, '.new.part'), 'x')
    const hoursAgo = new Date(Date.now() - 2 * 60 * 60_000)
    await utimes(join(folder, '.old.part'), hoursAgo, hoursAgo)
    await sweepTemporaryFiles(folder)
    expect(await readdir(folder)).toEqual(['.new.part'])
  })
})
