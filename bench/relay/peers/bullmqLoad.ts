import { Queue, Worker } from 'bullmq'

/**
 * N jobs through BullMQ: addBulk of 50, one worker of concurrency 100. Prints one JSON line: {tasks, seconds}.
 * Arguments: Redis port, tasks, concurrency.
 */
const [port = '6379', tasksText = '20000', concurrency = '100'] = process.argv.slice(2)
const tasks = Number(tasksText)
const connection = { host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null }
const name = `bench-${process.pid}`
const queue = new Queue(name, { connection })
let done = 0
let finish: () => void
const finished = new Promise<void>((resolve) => {
  finish = resolve
})
const worker = new Worker(name, async (job: { data: { seed: number } }) => job.data.seed, {
  connection,
  concurrency: Number(concurrency),
})
worker.on('completed', () => {
  if (++done === tasks) finish()
})
await worker.waitUntilReady()
const startedAt = performance.now()
for (let first = 0; first < tasks; first += 50) {
  await queue.addBulk(
    Array.from({ length: Math.min(50, tasks - first) }, (_, i) => ({
      name: 'product',
      data: { seed: first + i },
    })),
  )
}
await finished
const seconds = (performance.now() - startedAt) / 1000
await worker.close()
await queue.close()
process.stdout.write(`${JSON.stringify({ tasks, seconds })}\n`)
process.exit(0)
