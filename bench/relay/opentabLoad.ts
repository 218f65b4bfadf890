import { SimulatedTab } from '../simulatedTab.ts'

/**
 * The load generator: submits N one-element products in batches over HTTP, works them off with simulated tabs over
 * real sockets, and waits until every job is done. Prints one JSON line: {tasks, seconds}.
 * Arguments: relay URL, tasks, tabs, slots a tab, tasks a batch.
 */
const [relayUrl = '', tasksText = '20000', tabsText = '4', slotsText = '64', batchText = '1000'] = process.argv.slice(2)
const tasks = Number(tasksText)
const batch = Number(batchText)

const tabs = Array.from(
  { length: Number(tabsText) },
  (_, i) => new SimulatedTab({ relayUrl, address: `0x${(i + 1).toString(16).padStart(40, '0')}`, slots: Number(slotsText) }),
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
      tasks: Array.from({ length: count }, (_, i) => ({ kind: 'kernel', kernel: 'matmul-i8', shape: { m: 1, k: 1, n: 1 }, seed: first + i })),
    })
    const answer = await fetch(`${relayUrl}/v1/jobs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`)
    ids.push(((await answer.json()) as { id: string }).id)
  }
}
await Promise.all([submitter(), submitter()])
/** A job's events end with its end. */
const jobDone = async (id: string): Promise<void> => {
  const events = await (await fetch(`${relayUrl}/v1/jobs/${id}/events`)).text()
  if (!events.includes('"state":"done"')) throw new Error(`${id} did not end well: ${events.slice(-300)}`)
}
await Promise.all(ids.map(jobDone))
const seconds = (performance.now() - startedAt) / 1000
for (const tab of tabs) tab.leave()
process.stdout.write(`${JSON.stringify({ tasks, seconds })}\n`)
