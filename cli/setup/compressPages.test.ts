import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { compressPages } from './compressPages.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'opentab-pages-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const script = 'export const lines = ["a line that is there again and again"]\n'.repeat(100)

it('writes what a script, a style and a binary unpack to beside each, in folders too', async () => {
  mkdirSync(join(folder, 'compute'))
  const large = Buffer.alloc(1024 * 1024 + 1, script)
  const files: [string, Buffer][] = [
    ['page-1.js', Buffer.from(script)],
    ['page-1.css', Buffer.from('body { color: teal }\n'.repeat(100))],
    ['compute/compute-1.js', Buffer.from(script)],
    ['runtime-1.wasm', large],
  ]
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes)
  await compressPages(folder)
  for (const [name, bytes] of files) {
    const packed = (extension: string) => readFileSync(join(folder, `${name}.${extension}`))
    expect(brotliDecompressSync(packed('br')).equals(bytes), `${name}.br`).toBe(true)
    expect(gunzipSync(packed('gz')).equals(bytes), `${name}.gz`).toBe(true)
    expect(packed('br').byteLength).toBeLessThan(bytes.byteLength / 10)
  }
})

it('leaves alone what is small, and what is compressed by its nature', async () => {
  writeFileSync(join(folder, 'small-1.js'), 'export {}')
  writeFileSync(join(folder, 'picture-1.png'), Buffer.alloc(5000))
  await compressPages(folder)
  expect(readdirSync(folder).sort()).toEqual(['picture-1.png', 'small-1.js'])
})
