import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** What shrinks: scripts, styles and ONNX Runtime's binaries. */
const COMPRESSIBLE = /\.(js|css|wasm)$/
/** From this size on, bytes, the best quality would cost seconds: the runtime's binaries are 14 and 17 MB. */
const LARGE_BYTES = 1024 * 1024
/** Smaller files are sent as they are, bytes: they fit one packet anyway. */
const SMALL_BYTES = 1024

/**
 * Writes a `.br` and a `.gz` beside every script, style and binary under the folder, for the relay to send as they are.
 * Runs on zlib's own threads, the largest files first: on two cores it takes 1 to 2 s.
 */
export async function compressPages(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true })
  const files = await Promise.all(
    names
      .filter((name) => COMPRESSIBLE.test(name))
      .map(async (name) => ({ path: join(folder, name), bytes: (await stat(join(folder, name))).size })),
  )
  const worthIt = files.filter(({ bytes }) => bytes >= SMALL_BYTES).sort((a, b) => b.bytes - a.bytes)
  await Promise.all(worthIt.map(({ path }) => compress(path)))
}

async function compress(path: string): Promise<void> {
  const bytes = await readFile(path)
  const isLarge = bytes.byteLength >= LARGE_BYTES
  const encodings = {
    // 5 is where brotli begins to beat gzip by a quarter and still takes half a second for the largest file.
    br: promisify(brotliCompress)(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: isLarge ? 5 : constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength,
      },
    }),
    // A tab that works has a secure context, where every browser takes brotli: gzip's binaries are for programs.
    gz: promisify(gzip)(bytes, { level: isLarge ? 1 : 9 }),
  }
  await Promise.all(
    Object.entries(encodings).map(async ([extension, packed]) => {
      await writeFile(`${path}.${extension}`, await packed)
    }),
  )
}
