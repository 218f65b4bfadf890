import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { relayFlags } from '../../cli/setup/relayFlags.mjs'
import { startRelay } from './relayChild.ts'

it('a relay that is measured runs with the flags of npm start', async () => {
  const relay = await startRelay({ synchronous: 'NORMAL' })
  try {
    const args = execFileSync('ps', ['-o', 'args=', '-p', String(relay.pid)], { encoding: 'utf8' })
    expect(relayFlags.length).toBeGreaterThan(0)
    for (const flag of relayFlags) expect(args).toContain(` ${flag} `)
    expect(args).toContain(' NORMAL ')
    expect((await fetch(`${relay.url}/livez`)).status).toBe(200)
  } finally {
    await relay.stop()
  }
})
