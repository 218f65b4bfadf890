import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { privateKeyToAccount } from 'viem/accounts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openKeys, renewLogKey } from './keys.ts'
import { LogSigner } from './logSigner.ts'

let data: string
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'opentab-keys-'))
})
afterEach(() => rmSync(data, { recursive: true, force: true }))

test('are made once, for the owner only, and never change', async () => {
  const made = await openKeys(data)
  expect(made.log.origin).toMatch(/^opentab-[0-9a-f]{8}\/log$/)
  expect(privateKeyToAccount(made.evm.privateKey).address).toBe(made.evm.address)
  expect(made.saltSecret).toHaveLength(32)
  expect(readdirSync(join(data, 'keys')).sort()).toEqual(['evm.json', 'log.key', 'salt.key'])
  for (const file of readdirSync(join(data, 'keys'))) {
    expect(statSync(join(data, 'keys', file)).mode & 0o777, file).toBe(0o600)
  }
  const again = await openKeys(data, 'https://opentab.example')
  expect(again.log.vkey).toBe(made.log.vkey)
  expect(again.evm).toEqual(made.evm)
  expect(again.saltSecret).toEqual(made.saltSecret)
})

test('two first starts at once agree on the keys', async () => {
  const [one, two] = await Promise.all([openKeys(data), openKeys(data)])
  expect(one.log.vkey).toBe(two.log.vkey)
  expect(one.evm).toEqual(two.evm)
})

test('the origin is the host of the public URL', async () => {
  const { log } = await openKeys(data, 'https://opentab.example:8443/path')
  expect(log.origin).toBe('opentab.example:8443/log')
  await expect(openKeys(join(data, 'other'), 'opentab')).rejects.toThrow(/OPENTAB_PUBLIC_URL is "opentab"/)
})

test('a damaged key stops the start with its name', async () => {
  await openKeys(data)
  const change = (file: string, edit: (text: string) => string): (() => void) => {
    const path = join(data, 'keys', file)
    const text = readFileSync(path, 'utf8')
    chmodSync(path, 0o600)
    writeFileSync(path, edit(text))
    return () => writeFileSync(path, text)
  }
  for (const [file, edit, message] of [
    ['log.key', () => '', /log key cannot be read/],
    ['log.key', (text) => text.replace(/\+[0-9a-f]{8}\+/, '+00000000+'), /log key cannot be read/],
    ['log.key', (text) => text.replace('opentab', 'Opentab'), /log key cannot be read/],
    ['evm.json', (text) => text.slice(0, -5), /evm\.json is damaged/],
    ['evm.json', () => '{}', /evm\.json is damaged/],
    ['salt.key', (text) => text.slice(1), /salt\.key is damaged/],
  ] satisfies [string, (text: string) => string, RegExp][]) {
    const undo = change(file, edit)
    await expect(openKeys(data), file).rejects.toThrow(message)
    undo()
  }
  expect((await openKeys(data)).saltSecret).toHaveLength(32)
})

test('a log that starts anew gets another name and key, and the old key is kept', async () => {
  const { log: old } = await openKeys(data, 'https://opentab.example')
  const renewed = renewLogKey(data, 'https://opentab.example')
  expect(renewed.origin).toMatch(/^opentab\.example\/log-[0-9a-f]{8}$/)
  expect((await openKeys(data)).log.vkey).toBe(renewed.vkey)
  const kept = readdirSync(join(data, 'keys')).find((file) => file.startsWith('log-'))!
  expect(LogSigner.parse(readFileSync(join(data, 'keys', kept), 'utf8')).vkey).toBe(old.vkey)
})

test('the key file is that of Go’s note package', () => {
  // The example of golang.org/x/mod/sumdb/note.
  const signer = LogSigner.parse(
    'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz',
  )
  expect(signer.vkey).toBe('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
  const { signature } = signer.sign(
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
  )
  const published =
    'x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM='
  expect(Buffer.from(signature)).toEqual(Buffer.from(published, 'base64').subarray(4))
})
