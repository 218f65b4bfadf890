import type { VerdictItem } from '../../protocol/messages.ts'
import { SimulatedTab } from '../simulatedTab.ts'

/**
 * The load generator: submits N one-element products in batches over HTTP, works them off with simulated tabs over
 * real sockets, and waits for every verdict. Prints one JSON line: {tasks, seconds}.
 * Arguments: relay URL, tasks, tabs, slots a tab, tasks a batch.
 */
const [relayUrl = '', tasksText = '20000', tabsText = '4', slotsText = '64', batchText = '1000'] =
  process.argv.slice(2)
const tasks = Number(tasksText)
const batch = Number(batchText)

let verdicts = 0
let finish: () => void
const finished = new Promise<void>((resolve) => {
  finish = resolve
})
/** A verdict comes after its transaction: completion, transfer and log entry are on disk then. */
const onVerdicts = (items: VerdictItem[]): void => {
  for (const item of items)
    if (item.verdict !== 'freivalds') throw new Error(`task ${item.task} was ${item.verdict}`)
  verdicts += items.length
  if (verdicts >= tasks) finish()
}

const tabs = Array.from(
  { length: Number(tabsText) },
  (_, i) =>
    new SimulatedTab({
      relayUrl,
      address: `0x${(i + 1).toString(16).padStart(40, '0')}`,
      slots: Number(slotsText),
      onVerdicts,
    }),
)
await Promise.all(tabs.map((tab) => tab.greeted))

const startedAt = performance.now()
const ids: string[] = []
let next = 0
async function submitter(): Promise<void> {
  while (next < tasks) {
    const count = Math.min(batch, tasks - next)
    const first = next
    next += count
    const body = JSON.stringify({
      kind: 'batch',
      tasks: Array.from({ length: count }, (_, i) => ({
        kind: 'kernel',
        kernel: 'matmul-i8',
        shape: { m: 1, k: 1, n: 1 },
        seed: first + i,
      })),
    })
    const answer = await fetch(`${relayUrl}/v1/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`)
    ids.push(((await answer.json()) as { id: string }).id)
  }
}
await Promise.all([submitter(), submitter()])
await finished
const seconds = (performance.now() - startedAt) / 1000
// Not part of the time: every job is done, with a receipt for each task.
let receipts = 0
for (const id of ids) {
  const job = (await (await fetch(`${relayUrl}/v1/jobs/${id}`)).json()) as {
    state: string
    receipts: string[]
  }
  if (job.state !== 'done') throw new Error(`${id} is ${job.state}`)
  receipts += job.receipts.length
}
if (receipts !== tasks || verdicts !== tasks)
  throw new Error(`${tasks} tasks, ${receipts} receipts, ${verdicts} verdicts`)
for (const tab of tabs) tab.leave()
process.stdout.write(`${JSON.stringify({ tasks, seconds })}\n`)
