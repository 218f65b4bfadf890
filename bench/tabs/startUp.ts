import { execFileSync, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Request } from 'playwright-core'
import { projectRoot } from '../../server/config.ts'
import { firstLine, makeDataFolder, startRelay } from '../relay/relayChild.ts'
import { addressOf, isReady, openPage, until } from './contributor.ts'

const WAIT_MS = 120_000
/** How long the relay has been idle when its memory is read, ms. */
const IDLE_MS = 3_000

/**
 * `npm start` with everything set up.
 * @returns ms from the command to its line, and the relay's resident memory some seconds later, MB
 */
export async function startRelayByNpm(): Promise<{ readyMs: number; residentMb: number }> {
  // Always the same one, since set-up remembers every data folder that it has looked at.
  const folder = makeDataFolder(join(projectRoot, '.cache/bench-data'))
  // The set-up looks once at a data folder that it does not know; here the folder is known.
  execFileSync('npm', ['run', '--silent', 'setup'], {
    cwd: projectRoot,
    env: { ...process.env, OPENTAB_DATA: folder },
    stdio: ['ignore', 2, 2],
  })
  const startedAt = performance.now()
  const npm = spawn('npm', ['start', '--silent'], {
    cwd: projectRoot,
    env: { ...process.env, OPENTAB_DATA: folder, OPENTAB_PORT: '0', LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
    // A group of its own: npm does not hand every signal on.
    detached: true,
  })
  try {
    await firstLine(npm)
    const readyMs = performance.now() - startedAt
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
    return { readyMs, residentMb: residentMbOf(npm.pid ?? 0) }
  } finally {
    const ended = new Promise((resolve) => npm.once('exit', resolve))
    process.kill(-(npm.pid ?? 0), 'SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Resident memory of the largest process of a group, MB: beside the relay there is only npm. */
function residentMbOf(group: number): number {
  const table = execFileSync('ps', ['-A', '-o', 'pgid=,rss=,args='], { encoding: 'utf8' })
  const relay = table
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .find((row) => row !== null && Number(row[1]) === group && row[3]!.includes('server/main.ts'))
  if (!relay) throw new Error(`There is no relay in the process group ${group}.`)
  return Number(relay[2]) / 1024
}

/** Bytes of all scripts that the contribute page loads before Start, as they travel: the relay sends them compressed. */
export async function scriptBytesBeforeStart(browser: Browser, relayUrl: string): Promise<number> {
  const context = await browser.newContext()
  const scripts: Request[] = []
  context.on('requestfinished', (request) => {
    if (request.resourceType() === 'script') scripts.push(request)
  })
  const page = await openPage(context, relayUrl, addressOf(0))
  await page.waitForLoadState('networkidle')
  const sizes = await Promise.all(scripts.map((request) => request.sizes()))
  await context.close()
  return sizes.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0)
}

/**
 * Seconds from the click on Start to the first credit on the tab's address, with the models already in the page's
 * storage and a request already waiting; `times` visits, each of an address of its own.
 */
export async function secondsToFirstCredit(browser: Browser, times: number): Promise<number[]> {
  const relay = await startRelay()
  const context = await browser.newContext()
  const seconds: number[] = []
  try {
    const first = await openPage(context, relay.url, addressOf(0))
    await first.getByRole('button', { name: 'Start' }).click()
    await until(() => isReady(relay.url, addressOf(0)), WAIT_MS, 'the models to be stored')
    await first.close()
    for (let visit = 1; visit <= times; visit++) {
      const address = addressOf(visit)
      const page = await openPage(context, relay.url, address)
      await fetch(`${relay.url}/v1/jobs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          kind: 'embeddings',
          body: { model: 'all-minilm-l6-v2', input: [`Visit ${visit} to a harbour that is quiet at dawn.`] },
        }),
      })
      const startedAt = performance.now()
      await page.getByRole('button', { name: 'Start' }).click()
      await until(() => hasCredit(relay.url, address), WAIT_MS, `the first credit of ${address}`)
      seconds.push((performance.now() - startedAt) / 1000)
      await page.close()
    }
    return seconds
  } finally {
    await context.close()
    await relay.stop()
  }
}

async function hasCredit(relayUrl: string, address: string): Promise<boolean> {
  const account = await (await fetch(`${relayUrl}/v1/accounts/${address}`)).json()
  const { pending, settled } = (account as { credits: { pending: string; settled: string } }).credits
  return BigInt(pending) + BigInt(settled) > 0n
}
