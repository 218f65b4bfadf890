import { readConfig } from '../../server/config.ts'
import { createRelay } from '../../server/createRelay.ts'
import { growHeapFaster } from '../../server/ops/heapGrowth.ts'

/**
 * A relay for benchmarks: prints its URL, ends when its standard input does. Arguments: data folder, FULL or NORMAL,
 * `unchecked` where no result is drawn for a check beyond the cheap ones, and ms before each hop between stages, with
 * which the relay runs in test mode; empty for a relay without it.
 */
const [folder = '', synchronous = 'FULL', checks = 'checked', hopMs = ''] = process.argv.slice(2)
growHeapFaster()
const test = hopMs === '' ? {} : { OPENTAB_TEST: '1', OPENTAB_TEST_HOP_MS: hopMs }
const relay = await createRelay(readConfig({ OPENTAB_DATA: folder, OPENTAB_PORT: '0', ...test }), {
  bench: {
    synchronous: synchronous === 'NORMAL' ? 'NORMAL' : 'FULL',
    checks: checks !== 'unchecked',
  },
})
process.stdout.write(`${relay.url}\n`)
process.stdin.resume()
process.stdin.once('end', () => {
  void relay.close().then(() => process.exit(0))
})
