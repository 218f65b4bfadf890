import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { projectRoot } from '../../server/config.ts'
import { answerOf } from '../childAnswer.ts'
import type { Side } from '../pairedRuns.ts'
import type { BareRequest } from './bareProcess.ts'
import { embeddingsModel, page, type RequestName, sentences } from './requests.ts'

/** The graphs of both requests on a runtime in Node, without a relay or a tab, in a process of its own. */
export interface BareRuntime {
  /** Requests/s, one after the other. `whole`: with picture, tokens and answer; else the graphs on their tensors. */
  side(name: RequestName, options: { whole: boolean; times: number }): Side
  stop(): Promise<void>
}

/** Starts the process and waits until its sessions are made. */
export async function startBareRuntime(
  runtime: 'onnxruntime-web' | 'onnxruntime-node',
  threads: number,
): Promise<BareRuntime> {
  const child = fork(join(projectRoot, 'bench/models/bareProcess.ts'), [runtime, String(threads)], {
    execArgv: ['--import', join(projectRoot, 'server/rawText.ts')],
  })
  await answerOf(child)
  return {
    side: (name, options) => async () => {
      const ask = async (times: number): Promise<number> => {
        child.send({ name, whole: options.whole, times } satisfies BareRequest)
        return Number(await answerOf(child))
      }
      await ask(1)
      return (1000 * options.times) / (await ask(options.times))
    },
    async stop() {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

/** Requests/s through a relay, `atOnce` at a time, after one request that is not timed. */
export const relayModelSide =
  (relayUrl: string, name: RequestName, { times, atOnce }: { times: number; atOnce: number }): Side =>
  async () => {
    await request(relayUrl, name)
    let left = times
    const startedAt = performance.now()
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (left-- > 0) await request(relayUrl, name)
      }),
    )
    return (1000 * times) / (performance.now() - startedAt)
  }

/** One request; its answer must be whole. */
export async function request(relayUrl: string, name: RequestName): Promise<void> {
  const json = { 'content-type': 'application/json' }
  const answer =
    name === 'ocr'
      ? await fetch(`${relayUrl}/v1/ocr`, {
          method: 'POST',
          headers: { 'content-type': 'image/jpeg' },
          body: new Uint8Array(page()),
        })
      : await fetch(`${relayUrl}/v1/embeddings`, {
          method: 'POST',
          headers: json,
          body: JSON.stringify({ model: embeddingsModel, input: sentences }),
        })
  if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`)
  const { lines, data } = (await answer.json()) as { lines?: unknown[]; data?: unknown[] }
  const parts = (lines ?? data ?? []).length
  const least = name === 'ocr' ? 10 : sentences.length
  if (parts < least) throw new Error(`${name} gave ${parts} parts and not ${least}.`)
}
