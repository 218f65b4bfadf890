import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { medianOf } from '../../protocol/medianOf.ts'
import { projectRoot } from '../../server/config.ts'
import { rounded } from '../benchReport.ts'
import { startRelayOn } from '../relay/relayChild.ts'
import { until } from '../tabs/contributor.ts'
import { BENCH_MODEL, type BenchModel } from './benchModel.ts'
import { openChatTab } from './chatTab.ts'
import type { Measured } from './oneTab.ts'
import { askRelay } from './relayChat.ts'

/** Memory of the tab, megabytes: enough for the whole model. */
const WHOLE_MB = 1500

/** From `opentab models pull` of a file that was fetched before to the first token, with a tab that is connected. */
export async function measurePullToFirst(
  browser: Browser,
  bench: BenchModel,
  rounds: number,
): Promise<Measured> {
  const never = bench.model.manifest.language!.generation.endTokens
  const seconds: number[] = []
  for (let round = 0; round < rounds; round++) {
    const folder = mkdtempSync(join(tmpdir(), 'opentab-bench-'))
    const relay = await startRelayOn(folder)
    try {
      await openChatTab(browser, relay.url, round, WHOLE_MB, [])
      const startedAt = performance.now()
      const pull = spawn(
        process.execPath,
        ['cli/opentab.ts', 'models', 'pull', BENCH_MODEL, '--data', folder, '--relay', relay.url],
        { cwd: projectRoot, stdio: ['ignore', 'ignore', 'inherit'] },
      )
      const [code] = await once(pull, 'exit')
      if (code !== 0) throw new Error(`models pull ended with ${String(code)}.`)
      const isReady = async (): Promise<boolean> => {
        const { data } = (await (await fetch(`${relay.url}/v1/models`)).json()) as {
          data: { id: string; opentab: { ready: boolean } }[]
        }
        return data.some(({ id, opentab }) => id === BENCH_MODEL && opentab.ready)
      }
      await until(isReady, 120_000, `${BENCH_MODEL} to be ready`, 50)
      const readyAt = performance.now()
      const { firstMs } = await askRelay(relay.url, { prompt: 'Say hello.', tokens: 4, never })
      seconds.push((readyAt - startedAt + firstMs) / 1000)
    } finally {
      await relay.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return {
    rows: [
      {
        side: '`models pull` of a fetched file to the first token in a tab that waits',
        s: rounded(medianOf(seconds)),
        all: seconds.map((each) => rounded(each)).join(' '),
      },
    ],
    ratios: {},
  }
}
