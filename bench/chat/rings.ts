import type { Browser } from 'playwright-core'
import { medianOf } from '../../protocol/medianOf.ts'
import { IDLE_STAGE_MS } from '../../worker/link/idleStage.ts'
import { rounded } from '../benchReport.ts'
import { load } from '../pairedRuns.ts'
import { startRelay } from '../relay/relayChild.ts'
import type { BenchModel } from './benchModel.ts'
import { openChatTab } from './chatTab.ts'
import type { Measured } from './oneTab.ts'
import { askRelay } from './relayChat.ts'

/** Memory of a tab that has room for one third of the model and not for two, megabytes. */
export const THIRD_MB = 360
const STAGES = 3
/** Delay before each hop, ms: tabs that are far from each other. */
const HOP_MS = 40
const STREAMS = 6

/**
 * Rings of three tabs whose stages wait instead of computing, so that the ring itself is what is measured: one stream
 * with far hops, many streams with none, and real stages for comparison.
 */
export async function measureRings(
  browser: Browser,
  bench: BenchModel,
  rounds: number,
  scale: number,
): Promise<Measured> {
  const tokens = Math.max(Math.round(48 * scale), 12)
  const never = bench.model.manifest.language!.generation.endTokens
  const rows: Record<string, unknown>[] = []
  const ratios: Record<string, number> = {}
  const ring = async (
    name: string,
    { hopMs, idle, streams }: { hopMs: number; idle: boolean; streams: number },
  ): Promise<number> => {
    const relay = await startRelay({ checks: false, hopMs })
    try {
      for (let index = 0; index < STAGES; index++) {
        const tab = await openChatTab(browser, relay.url, index, THIRD_MB)
        if (idle) await tab.fault('idle-stage')
      }
      const figures: number[] = []
      for (let round = 0; round < rounds; round++) {
        const answers = await Promise.all(
          Array.from({ length: streams }, (_, stream) =>
            askRelay(relay.url, { prompt: `Count, ${round} ${stream}.`, tokens, never }),
          ),
        )
        // A token of a stage that computes nothing may have no text: what counts is the end. The prompt is one more pass.
        const slowest = Math.max(...answers.map(({ totalMs }) => totalMs))
        const figure = (1000 * streams * tokens) / slowest
        figures.push(figure)
        process.stderr.write(`round ${round + 1}: ${name}: ${rounded(figure)} tok/s; load ${load()}\n`)
      }
      rows.push({
        side: name,
        'tok/s': rounded(medianOf(figures)),
        all: figures.map((figure) => rounded(figure)).join(' '),
      })
      return medianOf(figures)
    } finally {
      await relay.stop()
    }
  }
  const far = await ring(`ring, idle stages of ${IDLE_STAGE_MS} ms, hops of ${HOP_MS} ms, one stream`, {
    hopMs: HOP_MS,
    idle: true,
    streams: 1,
  })
  ratios['ring with far hops, one stream ÷ 1/(compute + hops)'] = rounded(
    (far * STAGES * (IDLE_STAGE_MS + HOP_MS)) / 1000,
  )
  const full = await ring(`ring, idle stages of ${IDLE_STAGE_MS} ms, no hop delay, ${STREAMS} streams`, {
    hopMs: 0,
    idle: true,
    streams: STREAMS,
  })
  ratios[`ring, ${STREAMS} streams ÷ 1/${IDLE_STAGE_MS} ms`] = rounded((full * IDLE_STAGE_MS) / 1000)
  await ring(`ring, three real tabs here, ${STREAMS} streams`, { hopMs: 0, idle: false, streams: STREAMS })
  return { rows, ratios }
}
