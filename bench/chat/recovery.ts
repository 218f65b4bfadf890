import type { Browser } from 'playwright-core'
import { medianOf } from '../../protocol/medianOf.ts'
import { rounded } from '../benchReport.ts'
import { startRelay } from '../relay/relayChild.ts'
import type { BenchModel } from './benchModel.ts'
import { openChatTab } from './chatTab.ts'
import type { Measured } from './oneTab.ts'
import { askRelay } from './relayChat.ts'
import { THIRD_MB } from './rings.ts'

/** Words of the prompt: with the template about 500 tokens. */
const WORDS = 460
/** Tokens of the answer: time for another tab to come and load the stage. */
const TOKENS = 160

/**
 * How long the reader waits when the tab with the first stage goes in mid-answer, 500 tokens on, and another tab that
 * holds the stage takes its place: over the time that the whole ring took to read these tokens.
 */
export async function measureRecovery(
  browser: Browser,
  bench: BenchModel,
  rounds: number,
): Promise<Measured> {
  const never = bench.model.manifest.language!.generation.endTokens
  const [waits, prefills]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const relay = await startRelay({ checks: false })
    try {
      // Stages go to tabs in the order in which these come; a fourth tab gets the first stage again.
      const first = await openChatTab(browser, relay.url, 0, THIRD_MB)
      for (const index of [1, 2]) await openChatTab(browser, relay.url, index, THIRD_MB)
      const words = Array.from({ length: WORDS }, (_, i) => ['sand', 'tide', 'wall', 'wind'][(i + round) % 4])
      const at: number[] = []
      let closedAt = Number.POSITIVE_INFINITY
      let coming: Promise<void> | null = null
      const answer = await askRelay(relay.url, {
        prompt: `Tale ${round}: ${words.join(' ')}`,
        tokens: TOKENS,
        never,
        onText: () => {
          at.push(performance.now())
          coming ??= openChatTab(browser, relay.url, 3, THIRD_MB).then(async () => {
            closedAt = performance.now()
            await first.close()
          })
        },
      })
      await coming
      // A token that was past the first stage still comes: what counts is the longest silence after that.
      const after = at.filter((moment) => moment >= closedAt)
      if (after.length < 2) throw new Error('The answer ended before another tab held the stage.')
      const wait = Math.max(...after.map((moment, i) => moment - (after[i - 1] ?? closedAt)))
      waits.push(wait)
      prefills.push(answer.firstMs)
      process.stderr.write(
        `round ${round + 1}: ${answer.promptTokens} tokens read in ${Math.round(answer.firstMs)} ms, recovered in ${Math.round(wait)} ms\n`,
      )
    } finally {
      await relay.stop()
    }
  }
  return {
    rows: [
      { side: 'ring, 500 tokens: first token', ms: Math.round(medianOf(prefills)) },
      { side: 'ring, 500 tokens: longest silence after a tab is closed', ms: Math.round(medianOf(waits)) },
    ],
    ratios: {
      'recovery of a lost stage ÷ reading the same tokens': rounded(
        medianOf(waits.map((ms, round) => ms / prefills[round]!)),
      ),
    },
  }
}
