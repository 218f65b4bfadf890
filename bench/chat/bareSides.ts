import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { greedyOptions } from '../../protocol/generation.ts'
import type { StageRange } from '../../protocol/language.ts'
import { wholeRange } from '../../protocol/manifest.ts'
import { projectRoot } from '../../server/config.ts'
import { openBarePage } from '../barePage.ts'
import { answerOf } from '../childAnswer.ts'
import type { BareChat, BareDecoded, BareGeneration } from './bareChatApi.ts'
import type { BareDecode } from './bareNode.ts'
import { type BenchModel, benchModel } from './benchModel.ts'

/** The engine in a bare page of a browser. */
export interface BareChatPage {
  /** From the store to ready, ms. */
  loadMs: number
  generate(prompt: readonly number[], tokens: number): Promise<BareGeneration>
  close(): Promise<void>
}

/** @param range stages to load; the whole model when not given */
export async function openBareChat(
  browser: Browser,
  { model, blobs }: BenchModel,
  threads: number,
  range: StageRange = wholeRange(model.manifest.language!),
): Promise<BareChatPage> {
  const { page, close } = await openBarePage(browser, 'bench/chat/bare/index.html', {
    ready: 'bareChat',
    blobs,
  })
  const loadMs = await page.evaluate(
    (given) => {
      const { bareChat } = globalThis as unknown as { bareChat: BareChat }
      return bareChat.load(given)
    },
    { model, range, threads },
  )
  return {
    loadMs,
    generate: (prompt, tokens) =>
      page.evaluate(
        (given) => {
          const { bareChat } = globalThis as unknown as { bareChat: BareChat }
          return bareChat.generate(given)
        },
        { prompt: [...prompt], options: greedyOptions(tokens) },
      ),
    close,
  }
}

/** The stages on ONNX Runtime Web in a bare page of a browser. */
export interface BareGraphsPage {
  decode(prompt: readonly number[], tokens: number): Promise<BareDecoded>
  close(): Promise<void>
}

export async function openBareGraphs(
  browser: Browser,
  { model, blobs }: BenchModel,
  threads: number,
): Promise<BareGraphsPage> {
  const { page, close } = await openBarePage(browser, 'bench/chat/bare/index.html', {
    ready: 'bareChat',
    blobs,
  })
  await page.evaluate(
    (given) => {
      const { bareChat } = globalThis as unknown as { bareChat: BareChat }
      return bareChat.loadGraphs(given)
    },
    { model, threads },
  )
  return {
    decode: (prompt, tokens) =>
      page.evaluate(
        (given) => {
          const { bareChat } = globalThis as unknown as { bareChat: BareChat }
          return bareChat.decodeGraphs(given)
        },
        { prompt: [...prompt], tokens },
      ),
    close,
  }
}

/** The stages on ONNX Runtime Web in Node, in a process of their own. */
export interface BareNode {
  decode(prompt: readonly number[], tokens: number): Promise<BareDecoded>
  stop(): Promise<void>
}

export async function startBareNode(threads: number): Promise<BareNode> {
  // Says it here, in words, when there is no model.
  await benchModel()
  const child = fork(join(projectRoot, 'bench/chat/bareNode.ts'), [String(threads)], {
    execArgv: ['--import', join(projectRoot, 'server/rawText.ts')],
  })
  await answerOf(child)
  return {
    async decode(prompt, tokens) {
      child.send({ prompt: [...prompt], tokens } satisfies BareDecode)
      return (await answerOf(child)) as BareDecoded
    },
    async stop() {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}
