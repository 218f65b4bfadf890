import { PgBoss } from 'pg-boss'

/**
 * N jobs through pg-boss: insert of 1,000, fetch of 500, complete with a result. Prints one JSON line: {tasks, seconds}.
 * Arguments: connection string, tasks.
 */
const [connectionString = '', tasksText = '20000'] = process.argv.slice(2)
const tasks = Number(tasksText)
const boss = new PgBoss(connectionString)
boss.on('error', (error: Error) => {
  throw error
})
await boss.start()
const queue = `bench-${process.pid}`
await boss.createQueue(queue)
const startedAt = performance.now()
async function submit(): Promise<void> {
  for (let first = 0; first < tasks; first += 1000) {
    await boss.insert(
      queue,
      Array.from({ length: Math.min(1000, tasks - first) }, (_, i) => ({ data: { seed: first + i } })),
    )
  }
}
let done = 0
async function work(): Promise<void> {
  while (done < tasks) {
    const jobs = await boss.fetch(queue, { batchSize: 500 })
    if (!jobs || jobs.length === 0) continue
    done += jobs.length
    await boss.complete(
      queue,
      jobs.map((job: { id: string }) => job.id),
    )
  }
}
await Promise.all([submit(), work(), work()])
const seconds = (performance.now() - startedAt) / 1000
await boss.stop({ graceful: false })
process.stdout.write(`${JSON.stringify({ tasks, seconds })}\n`)
process.exit(0)
