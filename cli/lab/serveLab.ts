import { watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import Fastify from 'fastify'
import { OpentabError } from '../../protocol/errors.ts'
import type { NetworkDocument } from '../../protocol/network.ts'
import { systemClock } from '../../server/clock.ts'
import { projectRoot } from '../../server/config.ts'
import { errorBody } from '../../server/http/errorBody.ts'
import { type EventStream, openEventStream } from '../../server/http/eventStream.ts'
import { MISSING_NOSCRIPT, wantsPage } from '../../server/http/missingPage.ts'
import { pageSender } from '../../server/http/pageSender.ts'
import { pageRoutes } from '../../server/http/routes/pages.ts'
import { relayRoutes } from './relayRoutes.ts'

/** Editors write a file in several steps: its text is read when it has been quiet so long, ms. */
const QUIET_MS = 40

export interface LabServerOptions {
  /** Absolute path of the program. */
  file: string
  /** 0 = any. */
  port: number
  /** Relay whose devices the page shows and uses; it need not be there. */
  relayUrl: string
  /** Folder of the built pages; the project's where absent. */
  dist?: string
}

/** A server on this machine's loopback with the lab on one file. */
export interface LabServer {
  url: string
  close(): Promise<void>
}

/** A text that the page opens: the program, or the job file beside it. */
export interface LabFile {
  name: string
  text: string
}

/**
 * Serves the pages, and at `/lab/file` the file's texts as events: one at once, one at every save. What the page asks a relay for is passed on.
 * @throws Error with code ENOENT when there is no such file, EADDRINUSE when the port is in use
 */
export async function serveLab(options: LabServerOptions): Promise<LabServer> {
  const { file, port, relayUrl, dist = join(projectRoot, 'dist') } = options
  const readers = new Set<EventStream>()
  let shown = JSON.stringify(await filesOf(file))

  const app = Fastify({ forceCloseConnections: true })
  const nobody: NetworkDocument = {
    tabs: [],
    queue: { queued: 0, leased: 0 },
    totals: { tasks: 0, microCredits: '0' },
  }
  const relay = { name: new URL(relayUrl).host }
  const pages = { config: { TEST: false }, network: { document: () => nobody }, isLab: true, relay }
  pageRoutes(dist)(app, pages)
  const sendPage = pageSender(dist, pages)
  app.setNotFoundHandler((request, reply) =>
    wantsPage(request)
      ? sendPage(request, reply, { status: 404, noscript: MISSING_NOSCRIPT })
      : reply.code(404).send(errorBody(new OpentabError('not_found'))),
  )
  app.get('/lab/file', (_request, reply) => {
    const stream = openEventStream(reply, systemClock, () => readers.delete(stream))
    readers.add(stream)
    stream.send('file', JSON.parse(shown))
  })
  relayRoutes(app, relayUrl)

  let timer: NodeJS.Timeout | undefined
  const readAgain = async (): Promise<void> => {
    const text = JSON.stringify(await filesOf(file).catch(() => null))
    if (text === 'null' || text === shown) return
    shown = text
    for (const reader of readers) reader.send('file', JSON.parse(shown))
  }
  await app.listen({ host: '127.0.0.1', port })
  // The folder, not the file: many editors put a new file in the old one's place.
  const watcher = watch(dirname(file), () => {
    clearTimeout(timer)
    timer = setTimeout(() => void readAgain(), QUIET_MS)
  })
  const address = app.server.address()
  const actual = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://127.0.0.1:${actual}/lab?file=${encodeURIComponent(basename(file))}`,
    async close() {
      watcher.close()
      clearTimeout(timer)
      for (const reader of readers) reader.end()
      await app.close()
    },
  }
}

/** The program, and the job file of the same name beside it where there is one. */
async function filesOf(file: string): Promise<LabFile[]> {
  const job = file.replace(/\.wgsl$/, '.kernel.json')
  const described = await readFile(job, 'utf8').catch(() => null)
  return [
    { name: basename(file), text: await readFile(file, 'utf8') },
    ...(described === null ? [] : [{ name: basename(job), text: described }]),
  ]
}
