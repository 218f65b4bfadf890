import { stdin, stdout } from 'node:process'
import { createInterface } from 'node:readline/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { readChatStream } from '../../protocol/chatStream.ts'
import { CommandError } from '../commandError.ts'
import { type Context, command, contextOf } from '../commandLine.ts'
import { printable, printableJson, printableLine, printablePieces } from '../printable.ts'
import { callRelay, openRelay } from '../relayClient.ts'

interface Options {
  model?: string
  system?: string
  temperature?: number
  seed?: number
  maxTokens?: number
  apiKey?: string
}

interface Message {
  role: 'system' | 'user' | 'assistant'
  content: string
}

const modelsBody = z.object({
  data: z.array(z.object({ id: z.string(), opentab: z.object({ kind: z.string(), ready: z.boolean() }) })),
})
type ListedModel = z.infer<typeof modelsBody>['data'][number]

function numberIn(least: number, most: number, whole: boolean) {
  return (text: string): number => {
    const value = Number(text)
    if (text.trim() !== '' && value >= least && value <= most && (!whole || Number.isSafeInteger(value)))
      return value
    throw new InvalidArgumentError(`Give ${whole ? 'an integer' : 'a number'} from ${least} to ${most}.`)
  }
}

/** `opentab chat [TEXT...]` */
export const chat = (): Command =>
  command('chat', 'talk to a language model; with TEXT one answer, without it a conversation')
    .argument('[text...]', 'what to ask')
    .option('--model <name>', 'language model; the one that can answer now when not given')
    .option('--system <text>', 'instruction before the conversation')
    .option('--temperature <t>', '0 always takes the likeliest word', numberIn(0, 2, false))
    .option(
      '--seed <n>',
      'the same seed gives the same answer again',
      numberIn(0, Number.MAX_SAFE_INTEGER, true),
    )
    .option('--max-tokens <n>', 'most tokens of an answer', numberIn(1, 1_000_000, true))
    .option('--api-key <key>', 'API key, where the relay wants one')
    .action(async (words: string[], options: Options, self: Command) => {
      const context = contextOf(self)
      const text = words.join(' ')
      if (words.length > 0 && text.trim() === '')
        throw new CommandError('The text is empty. Say what to ask: opentab chat TEXT.', { exitCode: 2 })
      if (words.length === 0 && context.json)
        throw new CommandError('With --json say what to ask: opentab chat --json TEXT.', { exitCode: 2 })
      const messages: Message[] =
        options.system === undefined ? [] : [{ role: 'system', content: options.system }]
      if (words.length === 0) {
        await converse(context, await chooseModel(context, options), options, messages)
        return
      }
      await untilInterrupted(async (signal) => {
        const model = await chooseModel(context, options, signal)
        await askOnce(context, model, options, [...messages, { role: 'user', content: text }], signal)
      })
    })

/** Runs until its end or Ctrl+C. @throws CommandError with the exit code of an interrupted command */
async function untilInterrupted(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const abort = new AbortController()
  const end = (): void => abort.abort()
  process.once('SIGINT', end)
  try {
    await run(abort.signal)
  } catch (error) {
    if (abort.signal.aborted) throw new CommandError('\nStopped.', { exitCode: 130 })
    throw error
  } finally {
    process.off('SIGINT', end)
  }
}

/**
 * The wanted model, else the language model that can answer now, else any; says so where no tab holds it.
 * @throws CommandError when the relay serves none
 */
async function chooseModel(
  context: Context,
  { model, apiKey }: Options,
  signal?: AbortSignal,
): Promise<string> {
  const { data } = modelsBody.parse(await callRelay(context, '/v1/models', { token: apiKey, signal }))
  const models = data.filter(({ opentab }) => opentab.kind === 'chat')
  // What is not listed is asked for too: the relay has the words for it.
  const chosen =
    model === undefined
      ? (models.find(({ opentab }) => opentab.ready) ?? models[0])
      : (models.find(({ id }) => id === model) ?? null)
  if (chosen === undefined)
    throw new CommandError(
      'This relay serves no language model. Its operator can add one: opentab models pull smollm2-135m-instruct.',
    )
  if (chosen?.opentab.ready === false) process.stderr.write(printable(waitingLine(context, chosen)))
  return chosen?.id ?? model ?? ''
}

/** The relay does not tell how long it lets a request wait: it is taken to be set as this command is. */
const waitingLine = ({ config, relayUrl }: Context, { id }: ListedModel): string =>
  `No tab can answer with ${id} now. Waiting up to ${Math.ceil(config.QUEUE_WAIT_MS / 1000)} s for one; open ${relayUrl} in a browser and press Start to lend yours.\n`

const bodyOf = (model: string, options: Options, messages: readonly Message[]) => ({
  model,
  messages,
  temperature: options.temperature,
  seed: options.seed,
  max_completion_tokens: options.maxTokens,
})

async function askOnce(
  context: Context,
  model: string,
  options: Options,
  messages: Message[],
  signal: AbortSignal,
): Promise<void> {
  if (!context.json) {
    await stream(context, model, options, messages, signal)
    return
  }
  const body = bodyOf(model, options, messages)
  const document = await callRelay(context, '/v1/chat/completions', { body, token: options.apiKey, signal })
  stdout.write(`${printableJson(document)}\n`)
}

/** Questions from the terminal until its end; Ctrl+C ends an answer, and between answers the conversation. */
async function converse(
  context: Context,
  model: string,
  options: Options,
  messages: Message[],
): Promise<void> {
  process.stderr.write(
    `${printable(model)}. An empty line or Ctrl+D ends. Contributors' machines can read what you send.\n`,
  )
  const terminal = createInterface({ input: stdin, output: process.stderr, prompt: '> ' })
  // Lines of a pipe may all be there before the first answer: then there is nobody to prompt.
  let isOpen = true
  terminal.once('close', () => {
    isOpen = false
  })
  terminal.prompt()
  for await (const line of terminal) {
    if (line.trim() === '') break
    messages.push({ role: 'user', content: line })
    const abort = new AbortController()
    const end = (): void => abort.abort()
    terminal.once('SIGINT', end)
    try {
      messages.push({
        role: 'assistant',
        content: await stream(context, model, options, messages, abort.signal),
      })
    } catch (error) {
      if (!abort.signal.aborted && !(error instanceof Error)) throw error
      messages.pop()
      process.stderr.write(`\n${abort.signal.aborted ? 'Stopped.' : printable((error as Error).message)}\n`)
    } finally {
      terminal.off('SIGINT', end)
    }
    if (isOpen) terminal.prompt()
  }
  terminal.close()
}

/** Writes the answer as it comes. @returns the whole text */
async function stream(
  context: Context,
  model: string,
  options: Options,
  messages: readonly Message[],
  signal?: AbortSignal,
): Promise<string> {
  const answer = await openRelay(context, '/v1/chat/completions', {
    body: { ...bodyOf(model, options, messages), stream: true, stream_options: { include_usage: true } },
    token: options.apiKey,
    signal,
  })
  const print = printablePieces()
  let text = ''
  let receipts: readonly string[] = []
  let isCut = false
  for await (const event of readChatStream(answer)) {
    if (event.type === 'text') {
      text += event.text
      stdout.write(print(event.text))
    } else if (event.type === 'finish') {
      receipts = event.receipts.map(printableLine)
      isCut = event.reason === 'length'
    } else if (event.type === 'usage') {
      const kept = event.cachedTokens > 0 ? `, ${event.cachedTokens} of them kept` : ''
      process.stderr.write(
        `\n${event.promptTokens} tokens read${kept}, ${event.completionTokens} written; ${receiptsLine(receipts)}\n`,
      )
    }
  }
  stdout.write('\n')
  if (isCut)
    process.stderr.write(
      options.maxTokens === undefined
        ? 'The answer reached the end of what the model can hold and was cut.\n'
        : 'The answer reached its limit of tokens and was cut; --max-tokens sets it.\n',
    )
  return text
}

const receiptsLine = (ids: readonly string[]): string => {
  if (ids.length === 0) return 'no receipt yet'
  return ids.length === 1 ? `receipt ${ids[0]}` : `${ids.length} receipts, the first ${ids[0]}`
}
