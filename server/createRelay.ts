import type { Server } from 'node:http'
import { isAbsolute, join } from 'node:path'
import pino, { type Logger } from 'pino'
import { WebSocketServer } from 'ws'
import { openRegistry } from '../models/fileRegistry.ts'
import { dropRemovedBlobs } from '../models/removedBlobs.ts'
import { closeCodes } from '../protocol/closeCodes.ts'
import { OpentabError } from '../protocol/errors.ts'
import { MAX_FRAME_BYTES } from '../protocol/limits.ts'
import { systemClock } from './clock.ts'
import { type Config, keyRequired, projectRoot, version } from './config.ts'
import { createCore } from './createCore.ts'
import { createJobKinds } from './createJobKinds.ts'
import { createHttp } from './http/createHttp.ts'
import { keepPages } from './http/keepPages.ts'
import { backlogInWords } from './jobs/checkBacklog.ts'
import type { Task } from './jobs/jobRecords.ts'
import { restoreJobs } from './jobs/restoreJobs.ts'
import { openKeys } from './ledger/log/keys.ts'
import { Eip712Signer } from './ledger/receipts/eip712Signer.ts'
import { CheckpointPublisher } from './maintenance/checkpointPublisher.ts'
import { startRescuer } from './maintenance/leaseRescuer.ts'
import { startQueueWait, tabsHold } from './maintenance/queueWait.ts'
import { startForgettingModels } from './maintenance/removedModels.ts'
import { startRetention } from './maintenance/retention.ts'
import { LanguageTexts } from './openai/languageText.ts'
import { adminToken } from './ops/adminToken.ts'
import { DATABASE } from './ops/backup.ts'
import { lockData } from './ops/dataLock.ts'
import { drainRelay } from './ops/drain.ts'
import { createMetrics } from './ops/metrics.ts'
import { NetworkFeed } from './ops/networkFeed.ts'
import { PipelineThread } from './pipelines/pipelineThread.ts'
import { isLanguage } from './placement/assignModels.ts'
import { holdersInWords, languageHolders } from './placement/languageHolders.ts'
import { TabNews } from './placement/tabNews.ts'
import { BlobFolder } from './store/blobFolder.ts'
import { ThreadedStore } from './store/threadedStore.ts'
import { createChecker } from './verify/createChecker.ts'
import { SecretRandom } from './verify/freivalds/secretRandom.ts'
import { SamplingPolicy } from './verify/samplingPolicy.ts'
import { acceptTabs } from './ws/acceptTabs.ts'

export interface Relay {
  /** `http://127.0.0.1:8787` */
  url: string
  /** Ends gracefully: no new leases, what is nearly done is taken, everything flushed. */
  close(): Promise<void>
}

export interface RelayOptions {
  logger?: Logger
  /** Called when the relay cannot go on: the disk refused a commit. */
  onFailure?: (error: unknown) => void
  /** Only for benchmarks: NORMAL instead of FULL, and no checks drawn beyond the cheap ones. */
  bench?: { synchronous?: 'FULL' | 'NORMAL'; checks?: boolean }
}

/** Starts a relay on a data folder; resolves when it is ready. */
export async function createRelay(config: Config, options: RelayOptions = {}): Promise<Relay> {
  const logger = options.logger ?? pino({ level: 'silent' })
  const dataFolder = isAbsolute(config.DATA) ? config.DATA : join(projectRoot, config.DATA)
  const unlock = lockData(dataFolder)
  try {
    return await startRelay(config, options, logger, dataFolder, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

async function startRelay(
  config: Config,
  options: RelayOptions,
  logger: Logger,
  dataFolder: string,
  unlock: () => void,
): Promise<Relay> {
  const [keysOfRelay, registry, pages] = await Promise.all([
    openKeys(dataFolder, config.PUBLIC_URL ?? undefined),
    openRegistry(dataFolder),
    keepPages(join(projectRoot, 'dist'), join(dataFolder, 'pages')),
    // No check is open yet.
    dropRemovedBlobs(dataFolder),
  ])
  const store = new ThreadedStore(join(dataFolder, DATABASE), { synchronous: options.bench?.synchronous })
  const blobs = new BlobFolder(join(dataFolder, 'blobs'))
  const pipelines = new PipelineThread()
  const texts = new LanguageTexts((sha256) => registry.read(sha256))
  const checker = createChecker({ registry: registry.forChecks })
  const sampling = new SamplingPolicy(secretWord())
  let failure: string | null = null
  const report = (error: unknown, what: string): void => {
    if (error instanceof OpentabError && error.code !== 'internal')
      logger.info({ code: error.code, message: error.message }, what)
    else logger.error({ err: error }, what)
  }
  const relay = { name: keysOfRelay.log.origin.replace(/\/log$/, ''), version }
  const { core, keys, snapshot } = createCore({
    store,
    clock: systemClock,
    checker,
    kinds: createJobKinds({
      registry,
      readBlob: (sha256) => blobs.read(sha256),
      storeBlob: (bytes, sha256) => blobs.keep(bytes, sha256),
      core: () => core,
      pipelines,
      texts,
      version,
    }),
    signer: keysOfRelay.log,
    saltSecret: keysOfRelay.saltSecret.toString('hex'),
    drawCheck:
      options.bench?.checks === false
        ? () => false
        : (verifiedSinceReset) => sampling.isDrawn({ verifiedSinceReset }),
    onCommitFailure(error) {
      failure = 'a commit failed'
      logger.fatal({ err: error }, 'a commit failed: the relay stops, nothing unwritten was acknowledged')
      options.onFailure?.(error)
    },
    report,
    changed: () => network.touch(),
    answers: {
      queueWaitMs: config.QUEUE_WAIT_MS,
      hopMs: config.TEST ? config.TEST_HOP_MS : 0,
      folder: join(dataFolder, 'sessions'),
      stopFinder: (model, stops) => texts.stopFinder(model, stops),
    },
  })
  const network = new NetworkFeed(core, registry, relay)
  const news = new TabNews(core, registry)
  const publisher = new CheckpointPublisher(core, (addresses) => news.credits(addresses))
  const holdersOf = (task: Task): { name: string; holders: string } => {
    const model =
      task.spec.kind === 'kernel' || task.spec.kind === 'custom'
        ? undefined
        : registry.byHash(task.spec.model)
    if (model && isLanguage(model))
      return {
        name: model.manifest.id,
        holders: `${holdersInWords(languageHolders(core, model))}${backlogInWords(core)}`,
      }
    return {
      name: model?.manifest.id ?? task.requirement.slice(task.requirement.indexOf(':') + 1),
      holders: tabsHold(core, task.requirement),
    }
  }
  const stops = [
    startRescuer(core),
    startQueueWait(core, { queueWaitMs: config.QUEUE_WAIT_MS, holdersOf }),
    startRetention(core, blobs, config.RETENTION_DAYS),
    startForgettingModels(core, registry),
    registry.onChange(() => {
      core.answers.modelsChanged((hash) => registry.byHash(hash) !== undefined)
      news.modelsChanged()
    }),
    () => publisher.stop(),
    () => news.stop(),
  ]
  const signer = new Eip712Signer(keysOfRelay.evm)
  const app = createHttp({
    context: {
      core,
      config,
      registry,
      blobs,
      keys,
      keyRequired: keyRequired(config),
      adminToken: adminToken(dataFolder, config.ADMIN_TOKEN),
      network,
      vkey: keysOfRelay.log.vkey,
      dataFolder,
      relay,
      notReady: () => failure ?? (core.draining ? 'the relay is shutting down' : null),
    },
    signer,
    metrics: createMetrics(core, checker),
    logger,
    pages,
  })
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    skipUTF8Validation: false,
  })
  acceptTabs(app.server, sockets, { core, relay, config, greeted: (tab) => news.greet(tab) })
  await restoreJobs(core, snapshot)
  await core.commit.durable()
  await app.listen({ host: config.HOST, port: config.PORT })
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : config.PORT
  const host = config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST

  let closing: Promise<void> | null = null
  return {
    url: `http://${host}:${port}`,
    close() {
      closing ??= (async () => {
        await drainRelay(core)
        for (const stop of stops) stop()
        if (core.receipts.writer.publishDelayMs(systemClock.now()) !== null) publisher.publish()
        if (!core.commit.failed) await core.commit.durable()
        await closeSockets(sockets)
        await answered(app.server)
        await app.close()
        // Requesters whose connections were just closed have left; that is still written.
        await new Promise((resolve) => setImmediate(resolve))
        if (!core.commit.failed) await core.commit.durable()
        // Background work that breaks off from here on is taken up at the next start.
        core.commit.close()
        await Promise.all([checker.close(), pipelines.close(), texts.close(), signer.close()])
        store.close()
        await store.closed()
        unlock()
      })()
      return closing
    },
  }
}

/** How long answers may take to leave, ms. */
const ANSWER_MS = 1_000

/** Resolves when the answers that were just made are sent, or after a while: streams of events stay open. */
async function answered(server: Server): Promise<void> {
  server.closeIdleConnections()
  const until = systemClock.now() + ANSWER_MS
  const open = (): Promise<number> =>
    new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))
  while (systemClock.now() < until && (await open()) > 0) {
    await new Promise<void>((resolve) => systemClock.after(10, resolve))
    server.closeIdleConnections()
  }
}

/** How long a tab may take to answer the close, ms. */
const CLOSE_MS = 500

/** Tells every tab that the relay restarts, and cuts off those that do not answer. */
async function closeSockets(sockets: WebSocketServer): Promise<void> {
  const { code, error } = closeCodes.drain
  const closed = [...sockets.clients].map(
    (socket) =>
      new Promise<void>((resolve) => {
        socket.once('close', () => resolve())
        socket.close(code, error)
        systemClock.after(CLOSE_MS, () => socket.terminate())
      }),
  )
  await Promise.all(closed)
}

function secretWord(): () => number {
  const random = new SecretRandom()
  return () => random.word()
}
