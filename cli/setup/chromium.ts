import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installedChromiums } from '../findChromium.ts'
import { projectNode, projectRoot } from './places.mjs'
import { runToEnd } from './runToEnd.mjs'

const execute = promisify(execFile)
/** A source that gives no sign of life for this long is dead, ms. */
const DEAD_AFTER_MS = 5_000

/** The version line of a browser that starts. @throws Error that says why it does not */
export async function browserVersion(path: string): Promise<string> {
  const { stdout } = await execute(path, ['--version'], { timeout: DEAD_AFTER_MS * 4 }).catch(
    (error: unknown) => {
      throw new Error(`does not start (${firstLine(error)})`)
    },
  )
  return stdout.trim()
}

/**
 * Finds or gets a browser: `OPENTAB_CHROMIUM`, an installed one, Playwright's download, the system's package manager.
 * @returns its path
 * @throws Error with one message that names everything that was tried
 */
export async function setUpChromium(say: (line: string) => void): Promise<string> {
  const tried: string[] = []
  const accept = async (path: string): Promise<boolean> => {
    try {
      say(`Browser: ${await browserVersion(path)} (${path})`)
      return true
    } catch (error) {
      tried.push(`${path}: ${firstLine(error)}`)
      return false
    }
  }
  const configured = process.env.OPENTAB_CHROMIUM
  if (configured) {
    if (await accept(configured)) return configured
    say(`OPENTAB_CHROMIUM is ${configured}, which does not start; looking for another browser.`)
  }
  for (const path of installedChromiums()) if (await accept(path)) return path
  if (tried.length === 0) tried.push('an installed Chrome or Chromium: none found')
  for (const source of [fromPlaywright, fromSystem]) {
    try {
      const path = await source(say)
      if (await accept(path)) return path
    } catch (error) {
      tried.push(firstLine(error))
    }
  }
  throw new Error(
    `No browser could be had. Tried: ${tried.join('; ')}. Install Chrome or Chromium, or set OPENTAB_CHROMIUM to one.`,
  )
}

/** Playwright's own build. */
async function fromPlaywright(say: (line: string) => void): Promise<string> {
  const what = 'Playwright’s download'
  const command = join(projectRoot, 'node_modules/playwright-core/cli.js')
  const plan = await execute(projectNode, [command, 'install', '--dry-run', '--no-shell', 'chromium'])
  const urls = plan.stdout.match(/https?:\/\/\S+/g) ?? []
  if (!(await oneAnswers(urls))) throw new Error(`${what}: no answer within ${DEAD_AFTER_MS / 1000} s`)
  say('Getting a browser: Playwright’s download ...')
  const code = await runToEnd(projectNode, [command, 'install', '--no-shell', 'chromium'], {
    env: { ...process.env, PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: String(DEAD_AFTER_MS) },
  })
  if (code !== 0) throw new Error(`${what}: ended with ${code}`)
  const { chromium } = await import('playwright-core')
  return chromium.executablePath()
}

/** Whether one of the addresses answers in time with anything but an error. */
async function oneAnswers(urls: readonly string[]): Promise<boolean> {
  const asked = urls.map(async (url) => {
    const answer = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(DEAD_AFTER_MS) })
    if (!answer.ok) throw new Error(`${url} answers ${answer.status}`)
  })
  return Promise.any(asked).then(
    () => true,
    () => false,
  )
}

/** The system's package manager, where this process may use it. */
async function fromSystem(say: (line: string) => void): Promise<string> {
  const what = 'the system’s package manager'
  if (!existsSync('/usr/bin/apt-get')) throw new Error(`${what}: no apt-get here`)
  if (process.getuid?.() !== 0) throw new Error(`${what}: apt-get needs root (sudo apt-get install chromium)`)
  const seconds = DEAD_AFTER_MS / 1000
  const options = [
    ...['http', 'https'].flatMap((scheme) => ['-o', `Acquire::${scheme}::Timeout=${seconds}`]),
    ...['-o', 'Acquire::Retries=0', '-qq'],
  ]
  const apt = (...args: string[]): Promise<number> =>
    runToEnd('apt-get', [...options, ...args], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  const install = (): Promise<number> => apt('install', '-y', '--no-install-recommends', 'chromium')
  say('Getting a browser: apt-get install chromium ...')
  let code = await install()
  if (code !== 0 && (await apt('update')) === 0) code = await install()
  if (code !== 0) throw new Error(`${what}: apt-get install chromium ended with ${code}`)
  const path = installedChromiums()[0]
  if (path === undefined) throw new Error(`${what}: apt-get install chromium left no browser`)
  return path
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 300)
