import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { CatalogueFile, SourceReference } from './catalogueFile.ts'
import type { OpenSource, SourceContext } from './sourceContext.ts'

const origin = 'https://huggingface.co'
/** A download in which nothing arrives for this long is given up, ms. */
const STALL_TIMEOUT_MS = 30_000

/**
 * Files of Hugging Face repositories. What arrived before a break is kept in `CACHE/partial/<sha256>` and the next
 * try asks for the rest with a range. A host that could not be reached once is not asked again.
 */
export function openHuggingFaceSource(context: SourceContext): OpenSource {
  let dead: Error | undefined
  const partialFolder = join(context.cacheFolder, 'partial')

  async function request(url: string, from: number): Promise<{ response: Response; stall: AbortController }> {
    if (dead) throw dead
    const stall = new AbortController()
    const timer = setTimeout(() => stall.abort(), context.connectTimeoutMs)
    try {
      const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {}
      return { response: await context.fetch(url, { headers, signal: stall.signal }), stall }
    } catch (error) {
      const seconds = context.connectTimeoutMs / 1000
      dead = new Error(
        stall.signal.aborted ? `no answer within ${seconds} s` : `could not connect (${reasonOf(error)})`,
      )
      throw dead
    } finally {
      clearTimeout(timer)
    }
  }

  async function* read(file: CatalogueFile, reference: SourceReference): AsyncGenerator<Uint8Array> {
    if (reference.kind !== 'hugging-face') throw new Error(`not a Hugging Face file: ${reference.kind}`)
    const url = `${origin}/${reference.repository}/resolve/${reference.revision}/${reference.path}`
    const partial = join(partialFolder, file.sha256)
    let from = (await stat(partial).catch(() => undefined))?.size ?? 0
    if (from >= file.bytes) {
      await rm(partial, { force: true })
      from = 0
    }
    const { response, stall } = await request(url, from)
    if (response.status !== 200 && response.status !== 206) {
      await response.body?.cancel()
      throw new Error(`answered ${response.status}`)
    }
    if (!response.body) throw new Error('answered without a body')
    if (from > 0 && response.status === 206) yield* createReadStream(partial, { highWaterMark: 1 << 20 })
    else from = 0

    await mkdir(partialFolder, { recursive: true })
    const kept = createWriteStream(partial, { flags: from > 0 ? 'a' : 'w' })
    let timer = setTimeout(() => stall.abort(), STALL_TIMEOUT_MS)
    try {
      for await (const chunk of response.body) {
        clearTimeout(timer)
        await new Promise<void>((resolve, reject) =>
          kept.write(chunk, (error) => (error ? reject(error) : resolve())),
        )
        yield chunk
        timer = setTimeout(() => stall.abort(), STALL_TIMEOUT_MS)
      }
    } finally {
      clearTimeout(timer)
      await new Promise<void>((resolve) => kept.end(() => resolve()))
    }
    // Complete: right or wrong, there is nothing left to resume.
    await rm(partial, { force: true })
  }

  return { read, async close() {} }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
