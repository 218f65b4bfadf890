import type { Browser } from 'playwright-core'
import { rounded } from '../benchReport.ts'
import { median } from '../pairedRuns.ts'
import { startRelay } from '../relay/relayChild.ts'
import type { BenchModel } from './benchModel.ts'
import { openChatTab } from './chatTab.ts'
import type { Measured } from './oneTab.ts'
import { askRelay } from './relayChat.ts'
import { THIRD_MB } from './rings.ts'

/** Words of the prompt: with the template about 500 tokens. */
const WORDS = 460
/** Tokens of the answer, and the text piece after which the middle tab is closed. */
const [TOKENS, CLOSE_AFTER] = [24, 6]

/**
 * How long the reader waits when the tab with the middle stage goes in mid-answer, 500 tokens on, and another tab that
 * holds the stage takes its place: over the time that the whole ring took to read these tokens.
 */
export async function measureRecovery(
  browser: Browser,
  bench: BenchModel,
  rounds: number,
): Promise<Measured> {
  const never = bench.model.manifest.language!.generation.endTokens
  const [waits, prefills]: [number[], number[]] = [[], []]
  const relay = await startRelay({ checks: false })
  try {
    await openChatTab(browser, relay.url, 0, THIRD_MB)
    // Stages go to tabs in the order in which these come; a fourth tab takes what the slowest holds or what is held once.
    let middle = await openChatTab(browser, relay.url, 1, THIRD_MB)
    await openChatTab(browser, relay.url, 2, THIRD_MB)
    for (let round = 0; round < rounds; round++) {
      const words = Array.from({ length: WORDS }, (_, i) => ['sand', 'tide', 'wall', 'wind'][(i + round) % 4])
      const at: number[] = []
      let closedAt = 0
      const spare = await openChatTab(browser, relay.url, 3 + round, THIRD_MB)
      const answer = await askRelay(relay.url, {
        prompt: `Tale ${round}: ${words.join(' ')}`,
        tokens: TOKENS,
        never,
        onText: () => {
          at.push(performance.now())
          if (at.length !== CLOSE_AFTER) return
          closedAt = performance.now()
          void middle.close()
        },
      })
      middle = spare
      // A token that was past the middle still comes: what counts is the longest silence after that.
      const after = at.filter((moment) => moment >= closedAt)
      if (after.length < 2) throw new Error('No text came after the tab was closed.')
      const wait = Math.max(...after.map((moment, i) => moment - (after[i - 1] ?? closedAt)))
      waits.push(wait)
      prefills.push(answer.firstMs)
      process.stderr.write(
        `round ${round + 1}: ${answer.promptTokens} tokens read in ${Math.round(answer.firstMs)} ms, recovered in ${Math.round(wait)} ms\n`,
      )
    }
  } finally {
    await relay.stop()
  }
  return {
    rows: [
      { side: 'ring, 500 tokens: first token', ms: Math.round(median(prefills)) },
      {
        side: 'ring, 500 tokens: longest silence after the middle tab is closed',
        ms: Math.round(median(waits)),
      },
    ],
    ratios: {
      'recovery of a lost stage ÷ reading the same tokens': rounded(
        median(waits.map((ms, round) => ms / prefills[round]!)),
      ),
    },
  }
}
