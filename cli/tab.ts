import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { getAddress } from 'viem'
import { addressArgument, secondsArgument } from './commandLine.ts'
import { type OpenedTab, openTabBrowser } from './openTabs.ts'
import { printable } from './printable.ts'

const MAX_TABS = 64

function countArgument(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= MAX_TABS) return count
  throw new InvalidArgumentError(`Give an integer from 1 to ${MAX_TABS}.`)
}

function memoryArgument(text: string): number {
  if (/^\d{1,6}(\.\d{1,6})?$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Give a number of megabytes.')
}

function relayArgument(text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return new URL(text).href.replace(/\/+$/, '')
  throw new InvalidArgumentError('Give the http or https URL of a relay.')
}

interface Options {
  relay: string
  count: number
  address?: string
  seconds?: number
  memory?: number
  kernels?: boolean
  headed?: boolean
}

const program = new Command('npm run tab --')
  .description(
    'Contributor tabs in a real Chromium. Ctrl-C or SIGTERM finishes: tasks and answers that run are ended and handed in first, parts of a shared language model are handed over at once. A second one ends without that.',
  )
  .requiredOption('--relay <url>', 'relay to work for', relayArgument)
  .option('--count <n>', 'how many tabs', countArgument, 1)
  .option(
    '--address <0x..>',
    'wallet address that earns; without it credits go to an address that nobody holds',
    addressArgument,
  )
  .option('--seconds <s>', 'finish after this time', secondsArgument)
  .option('--memory <mb>', 'megabytes of memory for language models; 0 takes none', memoryArgument)
  .option('--kernels', 'run programs that developers send, too (the switch of that name on the page)')
  .option('--headed', 'with a window')
  .exitOverride()

const print = (line: string): void => void process.stdout.write(`${printable(line)}\n`)

/** Runs the tabs until a signal, the time limit or their own end. @returns the exit code */
async function runTabs(options: Options): Promise<number> {
  const { relay, count, address, seconds, memory, kernels, headed } = options
  const payee = address ?? getAddress(`0x${randomBytes(20).toString('hex')}`)
  if (address === undefined) print(`No --address given: credits go to ${payee}, which nobody holds.`)
  const asked = nextSignal()
  const browser = await openTabBrowser({ relayUrl: relay, headed })
  const tabs: OpenedTab[] = []
  try {
    const open = async (index: number): Promise<void> => {
      const onState = (name: string, sentence: string): void =>
        print(`tab ${index + 1}  ${name}: ${sentence}`)
      const tab = { address: payee, memoryMegabytes: memory, customKernels: kernels, onState }
      tabs.push(await browser.openTab(tab))
    }
    const work = Promise.all(Array.from({ length: count }, (_, index) => open(index)))
      .then(() => Promise.all(tabs.map((tab) => tab.ended)))
      .then(() => 'ended' as const)
    work.catch(() => {})
    const ends = [asked, work, browser.gone.then(() => 'gone' as const)]
    if (seconds !== undefined) ends.push(delay(seconds * 1000, 'time is up', { ref: false }))
    const why = await Promise.race(ends)
    if (why === 'ended' || why === 'gone') {
      process.stderr.write(
        why === 'gone' ? 'The browser ended.\n' : 'No tab works any more; the reasons are above.\n',
      )
      return 1
    }
    print(`Finishing: ${why}.`)
    await Promise.all(tabs.map((tab) => tab.finish()))
    return 0
  } finally {
    await browser.close()
  }
}

/** The first SIGTERM or SIGINT; a second one ends this process at once. */
function nextSignal(): Promise<string> {
  let signals = 0
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT']) {
      process.on(signal, () => {
        if (++signals > 1) process.exit(1)
        resolve(signal)
      })
    }
  })
}

try {
  process.exitCode = await runTabs(program.parse().opts<Options>())
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else {
    process.stderr.write(`${printable(error instanceof Error ? error.message : String(error))}\n`)
    process.exitCode = 1
  }
}
