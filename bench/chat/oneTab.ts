import type { Browser } from 'playwright-core'
import { medianOf } from '../../protocol/medianOf.ts'
import { rounded } from '../benchReport.ts'
import { load, type PairedResult, pairedRuns, ratioOf } from '../pairedRuns.ts'
import { startRelay } from '../relay/relayChild.ts'
import { openBareChat, openBareGraphs, startBareNode } from './bareSides.ts'
import { type BenchModel, tokenizerOf } from './benchModel.ts'
import { openChatTab } from './chatTab.ts'
import { askRelay } from './relayChat.ts'

/** Threads of every side: a tab takes half of two cores. */
const THREADS = 1
/** Memory of the tab, megabytes: enough for the whole model. */
const WHOLE_MB = 1500
/** Tokens of an answer after a short prompt, and at 1,500 tokens of context. */
const [SHORT_TOKENS, LONG_TOKENS] = [96, 32]
const LONG_CONTEXT = 1500
/** Sides that take turns at the same question. */
const SIDES = 4

export interface Measured {
  rows: Record<string, unknown>[]
  ratios: Record<string, number>
}

/** Text that no earlier turn began with, so that no cache helps, and that has about that many tokens. */
function promptOf(turn: number, tokens: number): string {
  const words = 'the tide came in over the flat sand and went out again while people watched from the wall '
  const filler = words
    .repeat(Math.ceil(tokens / 18))
    .split(' ')
    .slice(0, Math.max(tokens - 40, 4))
  return `Story ${turn}. Go on with this story: ${filler.join(' ')}`
}

/** The template of the model around a question, as the relay writes it. */
const templated = (question: string): string =>
  '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' +
  `<|im_start|>user\n${question}<|im_end|>\n<|im_start|>assistant\n`

/** One tab that holds the whole model: through relay and tab, the engine in a bare page, the graphs in a bare page and in Node. */
export async function measureOneTab(
  browser: Browser,
  bench: BenchModel,
  rounds: number,
  scale: number,
): Promise<Measured> {
  const tokenizer = await tokenizerOf(bench)
  const never = bench.model.manifest.language!.generation.endTokens
  const relay = await startRelay({ checks: false })
  const bare = await openBareChat(browser, bench, THREADS)
  const graphs = await openBareGraphs(browser, bench, THREADS)
  const node = await startBareNode(THREADS)
  const firstMs = new Map<string, number[]>()
  const texts = new Map<string, string>()
  let turn = 0
  try {
    await openChatTab(browser, relay.url, 0, WHOLE_MB)
    const side = (
      name: string,
      context: number,
      tokens: number,
      ask: (
        question: string,
        tokens: number,
      ) => Promise<{ firstMs: number; decodeMs: number; text?: string }>,
    ) => ({
      [name]: async () => {
        const question = promptOf(Math.floor(turn++ / SIDES), context)
        const answer = await ask(question, tokens)
        firstMs.set(name, [...(firstMs.get(name) ?? []), answer.firstMs])
        if (answer.text !== undefined) texts.set(`${name} ${question}`, answer.text)
        return (1000 * (tokens - 1)) / answer.decodeMs
      },
    })
    const throughRelay = (prompt: string, tokens: number) => askRelay(relay.url, { prompt, tokens, never })
    const inPage = async (question: string, tokens: number) => {
      const { ids, ...times } = await bare.generate(tokenizer.encode(templated(question)), tokens)
      return { ...times, text: tokenizer.decode(ids) }
    }
    const inGraphs = (question: string, tokens: number) =>
      graphs.decode(tokenizer.encode(templated(question)), tokens)
    const inNode = (question: string, tokens: number) =>
      node.decode(tokenizer.encode(templated(question)), tokens)
    const results: PairedResult[] = []
    for (const [label, context, tokens] of [
      ['50 tokens of context', 50, Math.max(Math.round(SHORT_TOKENS * scale), 16)],
      [`${LONG_CONTEXT} tokens of context`, LONG_CONTEXT, Math.max(Math.round(LONG_TOKENS * scale), 8)],
    ] as const) {
      // The first turns compile and warm up.
      for (const ask of [throughRelay, inPage, inGraphs, inNode]) await ask(promptOf(1000 + turn++, 50), 4)
      turn = SIDES * Math.ceil(turn / SIDES)
      results.push(
        ...(await pairedRuns(
          {
            ...side(`relay and tab, ${label}`, context, tokens, throughRelay),
            ...side(`bare page, ${label}`, context, tokens, inPage),
            ...side(`bare graphs in a page, ${label}`, context, tokens, inGraphs),
            ...side(`bare graphs in Node, ${label}`, context, tokens, inNode),
          },
          rounds,
          (name, figure, round) =>
            process.stderr.write(`round ${round + 1}: ${name}: ${rounded(figure)} tok/s; load ${load()}\n`),
        )),
      )
    }
    return reportOf(results, firstMs)
  } finally {
    await node.stop()
    await graphs.close()
    await bare.close()
    await relay.stop()
  }
}

function reportOf(results: readonly PairedResult[], firstMs: ReadonlyMap<string, number[]>): Measured {
  const ratios: Record<string, number> = {}
  for (const label of ['50 tokens of context', `${LONG_CONTEXT} tokens of context`]) {
    for (const other of ['bare page', 'bare graphs in a page', 'bare graphs in Node']) {
      const ratio = ratioOf(results, `relay and tab, ${label}`, `${other}, ${label}`)
      ratios[`tok/s, ${label}: relay and tab ÷ ${other}`] = rounded(ratio)
    }
    const tab = firstMs.get(`relay and tab, ${label}`)!
    const page = firstMs.get(`bare page, ${label}`)!
    const over = tab.map((ms, round) => ms - 1.15 * page[round]!)
    ratios[`first token, ${label}: ms of relay and tab beyond 1.15 x bare page`] = rounded(medianOf(over))
  }
  ratios[`tok/s at ${LONG_CONTEXT} ÷ at 50, relay and tab`] = rounded(
    ratioOf(
      results,
      `relay and tab, ${LONG_CONTEXT} tokens of context`,
      'relay and tab, 50 tokens of context',
    ),
  )
  return {
    rows: results.map(({ name, median: middle, figures }) => ({
      side: name,
      'tok/s': rounded(middle),
      'first ms': Math.round(medianOf(firstMs.get(name)!)),
      all: figures.map((figure) => rounded(figure)).join(' '),
    })),
    ratios,
  }
}
