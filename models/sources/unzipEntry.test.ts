import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { unzipEntry } from './unzipEntry.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const archive = zipSync({
  'first.txt': bytes('one'),
  'folder/second.txt': bytes('two '.repeat(5000)),
  empty: bytes(''),
})

async function* pieces(of: Uint8Array, size: number) {
  for (let at = 0; at < of.length; at += size) yield of.slice(at, at + size)
}
async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const chunk of content) text += Buffer.from(chunk).toString()
  return text
}

describe('a file inside a zip archive', () => {
  it.for([1, 7, 64, 1 << 20])(
    'comes out whole when the archive arrives in pieces of %i bytes',
    async (size) => {
      expect(await textOf(unzipEntry(pieces(archive, size), 'folder/second.txt'))).toBe('two '.repeat(5000))
    },
  )

  it('comes out of an archive inside an archive', async () => {
    const outer = zipSync({ 'model.zip': archive }, { level: 0 })
    expect(await textOf(unzipEntry(unzipEntry(pieces(outer, 100), 'model.zip'), 'first.txt'))).toBe('one')
  })

  it('that is not there is named', async () => {
    await expect(textOf(unzipEntry(pieces(archive, 100), 'third.txt'))).rejects.toThrow(
      'the archive has no third.txt',
    )
  })

  it('that is cut off is an error, not a shorter file', async () => {
    const cut = archive.slice(0, archive.indexOf(bytes('folder')[0] ?? 0) + 60)
    await expect(textOf(unzipEntry(pieces(cut, 10), 'folder/second.txt'))).rejects.toThrow(
      /ends in the middle|has no/,
    )
  })

  it('of something that is no archive is an error', async () => {
    await expect(textOf(unzipEntry(pieces(bytes('<html>not found</html>'), 10), 'a'))).rejects.toThrow(
      'the archive has no a',
    )
  })
})
