import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { formatVerifierKey, keyIdInput } from '../protocol/tlog/verifierKey.ts'
import { nodeCryptography } from '../server/ledger/log/logSigner.ts'
import { pinKey, pinnedKey } from './knownRelays.ts'

let dataFolder: string
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'opentab-pins-'))
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(dataFolder, { recursive: true, force: true })
})

const relayUrl = 'http://127.0.0.1:1'

/** A well-formed key of the name, from one repeated byte. */
async function keyOf(name: string, byte: number): Promise<string> {
  const publicKey = new Uint8Array(32).fill(byte)
  const digest = await nodeCryptography.sha256(keyIdInput(name, publicKey))
  return formatVerifierKey({ name, keyId: new Uint8Array(digest.subarray(0, 4)), publicKey })
}

it('knows nothing at first', async () => {
  expect(await pinnedKey(dataFolder, 'a/log')).toBeUndefined()
  expect(await pinnedKey(dataFolder, '__proto__')).toBeUndefined()
})

it('keeps the key of the first contact', async () => {
  const vkey = await keyOf('a/log', 1)
  await pinKey({ dataFolder, relayUrl }, vkey)
  await pinKey({ dataFolder, relayUrl }, await keyOf('b/log', 2))
  expect(await pinnedKey(dataFolder, 'a/log')).toBe(vkey)
})

it('never replaces a key, and warns when another one is shown', async () => {
  const warned = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const vkey = await keyOf('a/log', 1)
  await pinKey({ dataFolder, relayUrl }, vkey)
  expect(warned).not.toHaveBeenCalled()
  await pinKey({ dataFolder, relayUrl: 'http://elsewhere' }, await keyOf('a/log', 9))
  expect(warned).toHaveBeenCalledWith(expect.stringContaining('another key for the log a/log'))
  expect(await pinnedKey(dataFolder, 'a/log')).toBe(vkey)
})

it('refuses a key whose id does not fit, and pins nothing', async () => {
  const vkey = (await keyOf('a/log', 1)).replace('a/log', 'b/log')
  await expect(pinKey({ dataFolder, relayUrl }, vkey)).rejects.toThrow('its id is')
  expect(await pinnedKey(dataFolder, 'b/log')).toBeUndefined()
})

it('a damaged file is an error, not an empty list', async () => {
  await writeFile(join(dataFolder, 'known-relays.json'), '{"a/log": ')
  await expect(pinnedKey(dataFolder, 'a/log')).rejects.toThrow()
  await expect(pinKey({ dataFolder, relayUrl }, await keyOf('a/log', 1))).rejects.toThrow()
  expect(await readFile(join(dataFolder, 'known-relays.json'), 'utf8')).toBe('{"a/log": ')
})
