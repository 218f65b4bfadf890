import { Unzip, UnzipInflate } from 'fflate'

/**
 * The bytes of one file inside a zip archive, as a stream: the archive is never held in memory.
 * Throws a plain Error when the archive is damaged or has no such file.
 */
export async function* unzipEntry(
  archive: AsyncIterable<Uint8Array>,
  path: string,
): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = []
  let found = false
  let ended = false
  let failure: Error | undefined
  const unzip = new Unzip((entry) => {
    if (entry.name !== path || found) return
    found = true
    entry.ondata = (error, chunk, final) => {
      if (error) failure = error
      else if (chunk.byteLength > 0) ready.push(chunk)
      ended ||= final
    }
    entry.start()
  })
  unzip.register(UnzipInflate)
  for await (const chunk of archive) {
    unzip.push(chunk)
    if (failure) throw failure
    yield* ready.splice(0)
    if (ended) return
  }
  throw new Error(found ? `the archive ends in the middle of ${path}` : `the archive has no ${path}`)
}
