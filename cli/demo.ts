import { hash, randomBytes, randomInt } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Command, CommanderError } from 'commander'
import { getAddress } from 'viem'
import { projectRoot } from '../server/config.ts'
import { verifyReceiptFile } from '../server/ledger/receipts/verifyReceiptFile.ts'
import { credits, fileArgument } from './commandLine.ts'
import { wrongRow } from './demo/checkProduct.ts'
import { type DemoRelay, startDemoRelay } from './demo/demoRelay.ts'
import { nearestNeighbours } from './demo/nearestPairs.ts'
import { type Account, type ListedReceipt, type RelayCalls, relayCalls } from './demo/relayCalls.ts'
import { type Step, StepClock } from './demo/stepClock.ts'
import { demoSentences } from './demoSentences.ts'
import { type OpenedTab, openTabBrowser, type TabBrowser } from './openTabs.ts'

const PICTURE = 'e2e/pictures/page.jpg'
/** Times that the picture is read, both at once. */
const READINGS = 2
/** Open tasks with which two tabs are busy for longer than it takes to kill one. */
const ENOUGH_TASKS = 6
const TRUE_TEXT = 'e2e/pictures/page.txt'
/** Share of the picture's words that must be read. */
const LEAST_WORDS_READ = 0.9
/** Sentences, of 64, whose nearest neighbour must be their partner. */
const LEAST_PARTNERS_FOUND = 56
const PAIRS_SHOWN = 6
const MATRIX_SIZE = 1024
/** Tabs measure their device and load two models before they are ready, ms. */
const TABS_READY_MS = 120_000
const WORK_MS = 120_000
const RECEIPT_MS = 10_000

/** Something is not as it should be: the sentence to show. */
class Wrong extends Error {}

interface DemoResult {
  ok: boolean
  steps: Step[]
  accounts: Record<string, Account>
  receipts: string[]
  error?: string
}

/** The main job end to end: relay, tabs, requests, answers, receipts, credits. */
class Demo {
  readonly #print: (line: string) => void
  readonly #clock: StepClock
  readonly #picture: string | null
  readonly accounts: Record<string, Account> = {}
  readonly receipts: string[] = []
  #relay: DemoRelay | null = null
  #browser: TabBrowser | null = null

  constructor(print: (line: string) => void, picture: string | null) {
    this.#print = print
    this.#clock = new StepClock(print)
    this.#picture = picture
  }

  get steps(): Step[] {
    return this.#clock.steps
  }

  /** Runs every step. @throws Wrong or another Error at the first thing that is not as it should be */
  async run(): Promise<void> {
    const clock = this.#clock
    if (this.#picture !== null) {
      await access(this.#picture).catch(() => {
        throw new Wrong(`There is no file ${this.#picture}.`)
      })
    }
    const relay = await clock.run('relay', 'Starting a relay', async () => {
      const data = resolve(projectRoot, process.env.OPENTAB_DATA || './data')
      this.#relay = await startDemoRelay(data)
      this.#print(`  ${this.#relay.url}`)
      return this.#relay
    })
    const calls = relayCalls(relay.url)
    const vkey = await calls.verifierKey()
    const tabs = await clock.run('tabs', 'Opening two tabs of two addresses', () => this.#openTwoTabs(calls))
    const late = await clock.run(
      'ocr',
      'Reading a picture twice at once; one tab is killed in mid-task, a new one joins',
      () => this.#readPicture(calls, tabs),
    )
    await clock.run('new-tab', 'Waiting until the new tab can work', () => ready(calls, [late.address]))
    await clock.run('embeddings', `Embedding ${demoSentences.length} sentences`, () => this.#embed(calls))
    await clock.run('matmul', `Multiplying two int8 matrices of ${MATRIX_SIZE} x ${MATRIX_SIZE}`, () =>
      this.#multiply(calls),
    )
    const addresses = [...tabs.map((tab) => tab.address), late.address]
    await clock.run('accounts', 'Who did what', () => this.#account(calls, addresses))
    await clock.run('receipt', 'Verifying one receipt offline', () => this.#verify(calls, vkey))
    await clock.run('stop', 'Finishing the tabs and stopping the relay', () => this.#stop(tabs, late))
  }

  /** Ends what still runs; called however the demo went. */
  async end(): Promise<void> {
    await this.#browser?.close().catch(() => {})
    await this.#relay?.stop()
  }

  async #openTwoTabs(calls: RelayCalls): Promise<OpenedTab[]> {
    const relayUrl = this.#relay!.url
    this.#browser = await openTabBrowser({ relayUrl })
    const tabs = await Promise.all([newAddress(), newAddress()].map((address) => this.#openTab(address)))
    await ready(
      calls,
      tabs.map((tab) => tab.address),
    )
    return tabs
  }

  #openTab(address: string): Promise<OpenedTab> {
    return this.#browser!.openTab({
      address,
      onState: (name, sentence) => {
        if (name === 'stopped' || name === 'disconnected') this.#print(`  tab ${short(address)}: ${sentence}`)
      },
    })
  }

  /** @returns the tab that joined */
  async #readPicture(calls: RelayCalls, tabs: readonly OpenedTab[]): Promise<OpenedTab> {
    let answered = false
    const picture = this.#picture ?? join(projectRoot, PICTURE)
    const reading = Promise.all(Array.from({ length: READINGS }, () => calls.ocr(picture))).finally(() => {
      answered = true
    })
    reading.catch(() => {})
    // The lines of the committed page are many tasks, of which a tab has one in hand whenever it is killed; another
    // picture may have none.
    const enough = this.#picture === null ? ENOUGH_TASKS : 1
    let victim: OpenedTab | undefined
    await calls.networkBecomes(
      (network) => {
        const working = network.tabs.find((tab) => tab.state === 'working')
        const open = network.queue.queued + network.queue.leased
        if (open >= enough) victim = tabs.find((tab) => tab.address === working?.address)
        return victim !== undefined || answered
      },
      'A tab works on the picture',
      WORK_MS,
    )
    if (victim === undefined) await reading
    if (victim === undefined)
      throw new Wrong('The picture was read before a tab could be killed in mid-task.')
    await victim.kill()
    this.#print(`  killed the tab of ${short(victim.address)} while it worked`)
    const [late, answers] = await Promise.all([this.#openTab(newAddress()), reading])
    for (const { receipts } of answers) this.receipts.push(...receipts)
    const { lines } = answers[0]!
    for (const line of lines) this.#print(`  | ${line}`)
    const lost = await calls.metric('opentab_leases_lost_total')
    this.#print(`  leases lost with the killed tab and given to another: ${lost}`)
    if (!(lost >= 1)) throw new Wrong('The killed tab had no task in hand.')
    if (this.#picture === null) for (const each of answers) await this.#checkText(each.lines)
    return late
  }

  async #checkText(lines: readonly string[]): Promise<void> {
    const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')
    const expected = words(await readFile(join(projectRoot, TRUE_TEXT), 'utf8'))
    const read = new Set(words(lines.join(' ')))
    const found = expected.filter((word) => read.has(word)).length
    this.#print(`  ${found} of the page's ${expected.length} words are right`)
    if (found < LEAST_WORDS_READ * expected.length) {
      throw new Wrong(`Only ${found} of the page's ${expected.length} words were read.`)
    }
  }

  async #embed(calls: RelayCalls): Promise<void> {
    const { vectors, receipts } = await calls.embeddings(demoSentences)
    this.receipts.push(...receipts)
    if (vectors.length !== demoSentences.length) {
      throw new Wrong(`${demoSentences.length} sentences gave ${vectors.length} vectors.`)
    }
    const neighbours = nearestNeighbours(vectors)
    const closest = neighbours
      .filter(({ sentence, nearest }) => sentence < nearest)
      .toSorted((a, b) => b.cosine - a.cosine)
    for (const { sentence, nearest, cosine } of closest.slice(0, PAIRS_SHOWN)) {
      this.#print(`  ${cosine.toFixed(3)}  ${demoSentences[sentence]} = ${demoSentences[nearest]}`)
    }
    // Partners stand side by side: 0 and 1, 2 and 3, ...
    const found = neighbours.filter(({ sentence, nearest }) => (sentence ^ 1) === nearest).length
    this.#print(`  ${found} of ${demoSentences.length} sentences lie nearest to the one that says the same`)
    if (found < LEAST_PARTNERS_FOUND) {
      throw new Wrong(`Only ${found} of ${demoSentences.length} sentences lie nearest to their partner.`)
    }
  }

  async #multiply(calls: RelayCalls): Promise<void> {
    const seed = randomInt(2 ** 32)
    const { bytes, sha256, receipts } = await calls.matmul(MATRIX_SIZE, seed, WORK_MS)
    this.receipts.push(...receipts)
    const elements = MATRIX_SIZE * MATRIX_SIZE
    if (bytes.byteLength !== elements * 4 || hash('sha256', bytes) !== sha256) {
      throw new Wrong('The product’s bytes are not those of its hash.')
    }
    const row = wrongRow(seed, MATRIX_SIZE, new Int32Array(bytes.buffer, bytes.byteOffset, elements))
    if (row !== null) throw new Wrong(`Row ${row} of the product is wrong.`)
    this.#print(`  every row is right (checked here on its own), SHA-256 ${sha256.slice(0, 16)}...`)
  }

  async #account(calls: RelayCalls, addresses: readonly string[]): Promise<void> {
    const listed = new Set<string>()
    for (const address of addresses) {
      const account = await calls.account(address)
      const receipts = await calls.receipts(address)
      this.accounts[address] = account
      for (const { id } of receipts) listed.add(id)
      this.#print(`  ${address}`)
      this.#print(`    ${account.tasks.completed} tasks: ${counted(receipts, 'kind')}`)
      this.#print(`    checked: ${counted(receipts, 'verdict')}`)
      const { pending, escrow, settled } = account.credits
      const total = BigInt(pending) + BigInt(escrow) + BigInt(settled)
      this.#print(`    ${credits(String(total))}`)
      const proved = receipts.reduce((sum, receipt) => sum + BigInt(receipt.microCredits), 0n)
      if (proved !== total) {
        throw new Wrong(`${address} holds ${total} micro-credits and its receipts prove ${proved}.`)
      }
      if (account.tasks.rejected > 0) {
        throw new Wrong(`${account.tasks.rejected} results of ${address} were rejected.`)
      }
    }
    const missing = this.receipts.filter((id) => !listed.has(id))
    if (missing.length > 0) throw new Wrong(`${missing.length} receipts of the answers are in no account.`)
    if (this.receipts.length === 0) throw new Wrong('The answers came without receipts.')
  }

  async #verify(calls: RelayCalls, vkey: string): Promise<void> {
    const id = this.receipts.at(-1)!
    const { valid, steps } = await verifyReceiptFile(await calls.receipt(id, RECEIPT_MS), vkey)
    for (const step of steps) this.#print(`  ${step.ok ? 'ok  ' : 'FAIL'} ${step.text}`)
    if (!valid) throw new Wrong(`The receipt ${id} does not verify.`)
  }

  async #stop(tabs: readonly OpenedTab[], late: OpenedTab): Promise<void> {
    const alive = [...tabs, late].filter((tab) => !tab.page.isClosed())
    await Promise.all(alive.map((tab) => tab.finish()))
    await this.#browser!.close()
    const code = await this.#relay!.stop()
    this.#relay = null
    if (code !== 0) throw new Wrong(`The relay ended with ${code}.`)
  }
}

const newAddress = (): string => getAddress(`0x${randomBytes(20).toString('hex')}`)
const short = (address: string): string => `${address.slice(0, 6)}...${address.slice(-4)}`

/** Waits until tabs of all the addresses hold every model. */
async function ready(calls: RelayCalls, addresses: readonly string[]): Promise<void> {
  await calls.networkBecomes(
    ({ tabs, models = [] }) =>
      addresses.every((address) =>
        tabs.some((tab) => tab.address === address && models.every((model) => tab.models.includes(model.id))),
      ),
    'The tabs are ready',
    TABS_READY_MS,
  )
}

/** `12 infer, 1 kernel` */
function counted(receipts: readonly ListedReceipt[], field: 'kind' | 'verdict'): string {
  const groups = Object.entries(Object.groupBy(receipts, (receipt) => receipt[field]))
  return groups.map(([name, group]) => `${group?.length} ${name}`).join(', ') || 'none'
}

/** @returns the exit code */
async function main(): Promise<number> {
  const program = new Command('npm run demo --')
    .description('The main job end to end, then exits.')
    .option('--json', 'one JSON object as the last line of stdout')
    .option('--image <file>', 'picture to read instead of the committed one')
    .exitOverride()
  const options = program.parse().opts<{ json?: boolean; image?: string }>()
  const out = options.json ? process.stderr : process.stdout
  const demo = new Demo(
    (line) => void out.write(`${line}\n`),
    options.image === undefined ? null : fileArgument(options.image),
  )
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => void demo.end().finally(() => process.exit(1)))
  }
  const result: DemoResult = {
    ok: false,
    steps: demo.steps,
    accounts: demo.accounts,
    receipts: demo.receipts,
  }
  try {
    await demo.run()
    result.ok = true
  } catch (error) {
    result.error = error instanceof Error ? error.message : String(error)
  } finally {
    await demo.end()
  }
  const seconds = (demo.steps.reduce((sum, step) => sum + step.ms, 0) / 1000).toFixed(1)
  if (result.ok) out.write(`\nEverything is as it should be, in ${seconds} s.\n`)
  else process.stderr.write(`\nThe demo failed: ${result.error}\n`)
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`)
  return result.ok ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : 2
}
