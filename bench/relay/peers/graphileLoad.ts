import { Logger, makeWorkerUtils, run } from 'graphile-worker'

/**
 * N jobs through graphile-worker: addJobs of 1,000, a local queue of 500. Prints one JSON line: {tasks, seconds}.
 * Arguments: connection string, tasks.
 */
const [connectionString = '', tasksText = '20000'] = process.argv.slice(2)
const tasks = Number(tasksText)
const logger = new Logger(() => () => {})
const utils = await makeWorkerUtils({ connectionString, logger })
await utils.migrate()
let done = 0
let finish: () => void
const finished = new Promise<void>((resolve) => {
  finish = resolve
})
const startedAt = performance.now()
const runner = await run({
  logger,
  noHandleSignals: true,
  preset: {
    worker: {
      connectionString,
      maxPoolSize: 10,
      concurrentJobs: 100,
      localQueue: { size: 500 },
      completeJobBatchDelay: 0,
    },
  },
  taskList: {
    product: async () => {
      if (++done === tasks) finish()
    },
  },
})
for (let first = 0; first < tasks; first += 1000) {
  await utils.addJobs(
    Array.from({ length: Math.min(1000, tasks - first) }, (_, i) => ({
      identifier: 'product',
      payload: { seed: first + i },
    })),
  )
}
await finished
await runner.stop()
const seconds = (performance.now() - startedAt) / 1000
await utils.release()
process.stdout.write(`${JSON.stringify({ tasks, seconds })}\n`)
process.exit(0)
