import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { medianOf } from '../../protocol/medianOf.ts'
import type { Lease } from '../../protocol/task.ts'
import { projectRoot } from '../../server/config.ts'
import { computeLease, SimulatedTab } from '../simulatedTab.ts'
import { auditData, type SeenCheckpoint } from './auditData.ts'

const KILLS = 100
const TABS = 4
const TASKS_A_JOB = 20
/** Bar on the median time from a start to ready, ms; on the CPU time where the machine is busy with other things. */
const READY_MS = 2_000
/** Jobs asked for at once: keeps a queue waiting over every kill. */
const SUBMITTERS = 3
/** The relay is killed between these times after it was ready, ms. */
const LIFE_MS = [150, 900] as const

const addressOf = (n: number): string => `0x${(0x2000 + n).toString(16).padStart(40, '0')}`

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('there is no free port')
  return address.port
}

/** A relay in a process of its own, always on the same port and data. */
class KilledRelay {
  readonly url: string
  readonly #port: number
  readonly #dataFolder: string
  #child: ChildProcess | null = null
  /** Times from start to ready, ms. */
  readonly readyMs: number[] = []
  /** CPU times from start to ready, ms. */
  readonly cpuMs: number[] = []

  constructor(port: number, dataFolder: string) {
    this.url = `http://127.0.0.1:${port}`
    this.#port = port
    this.#dataFolder = dataFolder
  }

  /** Resolves when it is ready: its line is there, and /readyz agrees. */
  async start(): Promise<void> {
    const startedAt = performance.now()
    const child = spawn(process.execPath, ['--import', './server/rawText.ts', 'server/main.ts'], {
      cwd: projectRoot,
      env: {
        PATH: process.env.PATH,
        OPENTAB_PORT: String(this.#port),
        OPENTAB_DATA: this.#dataFolder,
        LOG_LEVEL: 'error',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    await new Promise((resolve, reject) => {
      child.stdout?.once('data', resolve)
      child.once('exit', (code) =>
        reject(new Error(`the relay ended with ${String(code)} instead of getting ready`)),
      )
    })
    this.readyMs.push(performance.now() - startedAt)
    const { status } = await fetch(`${this.url}/readyz`)
    if (status !== 200) throw new Error(`/readyz says ${status} after the line`)
    this.cpuMs.push(cpuMsOf(child.pid ?? 0))
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return null
    const ended = once(child, 'exit')
    child.kill(signal)
    const [code] = (await ended) as [number | null]
    return code
  }
}

/** CPU time of a process so far, ms, as Linux counts it in ticks of 10 ms; NaN elsewhere. */
function cpuMsOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return 10 * (Number(fields[11]) + Number(fields[12]))
  } catch {
    return Number.NaN
  }
}

/** A tab that computes rightly and comes back for ever, also resuming, until `stop`. */
function returningTab(relayUrl: string, n: number, isOver: () => boolean): void {
  let resume: string | undefined
  const work = (leases: readonly Lease[], tab: SimulatedTab): void => {
    // Some results are still on their way when the relay dies.
    setTimeout(() => tab.sendResults(leases.map(computeLease)), 5)
  }
  const connect = (): void => {
    if (isOver()) return
    const tab = new SimulatedTab({
      relayUrl,
      address: addressOf(n),
      work,
      slots: 16,
      ...(resume ? { resume } : {}),
    })
    const beat = setInterval(() => tab.send({ type: 'heartbeat', leases: [] }), 4_000)
    tab.greeted.then(
      ({ resume: token }) => {
        resume = token
      },
      () => {},
    )
    const again = (): void => {
      clearInterval(beat)
      setTimeout(connect, 30)
    }
    tab.socket.once('close', again)
  }
  connect()
}

/**
 * Kills a relay `kills` times under load and starts it again on the same data.
 * @throws Error when an acknowledged job is lost, a task paid twice or never, the log does not go on, or the median
 * start takes longer than READY_MS
 */
export async function killUnderLoad(kills: number): Promise<void> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'opentab-kill-'))
  const relay = new KilledRelay(await freePort(), dataFolder)
  const acknowledged: string[] = []
  const seen: SeenCheckpoint[] = []
  let submitting = true
  let over = false
  try {
    await relay.start()
    for (let n = 0; n < TABS; n++) returningTab(relay.url, n, () => over)

    let seed = 0
    const submitter = async (): Promise<void> => {
      while (submitting) {
        const tasks = Array.from({ length: TASKS_A_JOB }, () => ({
          kind: 'kernel',
          kernel: 'matmul-i8',
          shape: { m: 1, k: 1, n: 1 },
          seed: seed++,
        }))
        try {
          const answer = await fetch(`${relay.url}/v1/jobs`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ kind: 'batch', tasks }),
          })
          const { id } = (await answer.json()) as { id?: string }
          if (answer.status === 202 && id) acknowledged.push(id)
        } catch {
          // The relay is down; what it did not acknowledge it may forget.
        }
        await pause(20)
      }
    }
    const submitters = Array.from({ length: SUBMITTERS }, submitter)

    let shown = 0
    for (let kill = 1; kill <= kills; kill++) {
      const [least, most] = LIFE_MS
      await pause(least + Math.random() * (most - least))
      const checkpoint = await fetch(`${relay.url}/log/checkpoint`).then((answer) => answer.text())
      const [, size = '', root = ''] = checkpoint.split('\n')
      if (Number(size) < shown) throw new Error(`the checkpoint shrank from ${shown} to ${size}`)
      shown = Number(size)
      seen.push({ size: shown, root })
      await relay.end('SIGKILL')
      await relay.start()
      if (kill % 10 === 0 || kill === kills)
        console.log(
          `kill: ${kill} of ${kills}, ${acknowledged.length} jobs acknowledged, ${shown} entries shown, last start ${Math.round(relay.readyMs.at(-1)!)} ms`,
        )
    }
    submitting = false
    await Promise.all(submitters)
    for (const id of acknowledged) {
      const events = await (await fetch(`${relay.url}/v1/jobs/${id}/events`)).text()
      if (!events.includes('"state":"done"'))
        throw new Error(`the acknowledged job ${id} did not end done: ${events.slice(-300)}`)
    }
    over = true
    const code = await relay.end('SIGTERM')
    if (code !== 0) throw new Error(`the relay ended with ${String(code)} on SIGTERM`)
  } finally {
    submitting = false
    over = true
    await relay.end('SIGKILL')
  }
  const audit = await auditData(dataFolder, seen)
  rmSync(dataFolder, { recursive: true, force: true })
  const tasks = acknowledged.length * TASKS_A_JOB
  if (audit.verified < tasks)
    throw new Error(`${tasks} tasks were acknowledged and ${audit.verified} are verified`)
  const starts = relay.readyMs.slice(1)
  const [middle, worst, cpu] = [medianOf(starts), Math.max(...starts), medianOf(relay.cpuMs.slice(1))]
  const busy = loadavg()[0]! > 2 * availableParallelism() && !Number.isNaN(cpu)
  console.log(
    `kill: ${kills} x kill -9: ${acknowledged.length} acknowledged jobs all done, ${audit.verified} tasks each paid and logged once, ` +
      `${audit.entries} entries, sum 0; ready in ${Math.round(middle)} ms (median), ${Math.round(worst)} ms (worst), ` +
      `${Math.round(cpu)} ms of CPU (median)${busy ? '; the machine is busy, so the bar is on CPU time' : ''}`,
  )
  const took = busy ? cpu : middle
  if (!(took <= READY_MS))
    throw new Error(`the relay took ${Math.round(took)} ms to get ready, the bar is ${READY_MS}`)
}

export default async function run({ scale = 1 }: { scale?: number } = {}): Promise<void> {
  await killUnderLoad(Math.max(2, Math.round(KILLS * scale)))
}
