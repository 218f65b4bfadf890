import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { OpentabError } from '../../../protocol/errors.ts'
import { LogSigner } from './logSigner.ts'

/** The relay's keys, made on the first start and never changed by a later one. */
export interface RelayKeys {
  /** Signs checkpoints; its name is the log's origin. */
  log: LogSigner
  /** Signs receipts as EIP-712 typed data. */
  evm: EvmKey
  /** 32 bytes from which the salts of all receipts are derived; whoever has it can test guesses of inputs. */
  saltSecret: Buffer
}

export interface EvmKey {
  /** 32 bytes, hex behind 0x. */
  privateKey: `0x${string}`
  /** EIP-55 address. */
  address: `0x${string}`
}

const hex = (bytes: number): string => randomBytes(bytes).toString('hex')

/**
 * Reads `DATA/keys/{log.key, evm.json, salt.key}` and makes what is not there yet, readable by the owner only.
 * `publicUrl` names the origin when the log key is made, and is ignored ever after. Throws `bad_configuration` when a
 * file is damaged.
 */
export async function openKeys(dataFolder: string, publicUrl?: string): Promise<RelayKeys> {
  const folder = join(dataFolder, 'keys')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const logText = await readOrCreate(join(folder, 'log.key'), async () =>
    LogSigner.format(originOf(publicUrl), randomBytes(32)),
  )
  const evmText = await readOrCreate(join(folder, 'evm.json'), newEvmKey)
  const saltText = await readOrCreate(join(folder, 'salt.key'), async () => hex(32))
  return { log: LogSigner.parse(logText), evm: parseEvmKey(evmText), saltSecret: parseSaltSecret(saltText) }
}

/**
 * Gives the log a new origin and key, for a log that starts anew (after a restore). The old key is kept beside it as
 * `log-<key id>.key`. The relay must not be running.
 */
export function renewLogKey(dataFolder: string, publicUrl?: string): LogSigner {
  const file = join(dataFolder, 'keys', 'log.key')
  if (existsSync(file)) {
    const id = LogSigner.parse(readFileSync(file, 'utf8')).vkey.split('+')[1]
    const kept = join(dataFolder, 'keys', `log-${id}.key`)
    if (!existsSync(kept)) linkSync(file, kept)
  }
  const origin = publicUrl === undefined ? originOf() : `${originOf(publicUrl)}-${hex(4)}`
  const text = LogSigner.format(origin, randomBytes(32))
  writeAtomically(file, `${text}\n`, renameSync)
  return LogSigner.parse(text)
}

/** `PUBLIC_URL`'s host + `/log`, else `opentab-<8 hex>/log`. */
function originOf(publicUrl?: string): string {
  if (publicUrl === undefined) return `opentab-${hex(4)}/log`
  if (!URL.canParse(publicUrl)) {
    throw new OpentabError('bad_configuration', `OPENTAB_PUBLIC_URL is ${JSON.stringify(publicUrl)}.`, {
      param: 'PUBLIC_URL',
      fix: 'Give a URL such as https://opentab.example.',
    })
  }
  return `${new URL(publicUrl).host}/log`
}

async function newEvmKey(): Promise<string> {
  // Loaded on the first start only: it costs 200 ms and 30 MB.
  const { generatePrivateKey, privateKeyToAccount } = await import('viem/accounts')
  const privateKey = generatePrivateKey()
  return JSON.stringify({ privateKey, address: privateKeyToAccount(privateKey).address })
}

const isHex =
  (bytes: number) =>
  (text: unknown): text is `0x${string}` =>
    typeof text === 'string' && new RegExp(`^0x[0-9a-fA-F]{${2 * bytes}}$`).test(text)

function parseEvmKey(text: string): EvmKey {
  try {
    const { privateKey, address } = JSON.parse(text)
    if (isHex(32)(privateKey) && isHex(20)(address)) return { privateKey, address }
  } catch {
    // Falls through to the same message as a file with other fields.
  }
  throw damaged('evm.json')
}

function parseSaltSecret(text: string): Buffer {
  if (!/^[0-9a-f]{64}$/.test(text)) throw damaged('salt.key')
  return Buffer.from(text, 'hex')
}

const damaged = (file: string): OpentabError =>
  new OpentabError('bad_configuration', `The key file ${file} is damaged.`, {
    fix: `Restore DATA/keys/${file} from a backup.`,
  })

async function readOrCreate(file: string, create: () => Promise<string>): Promise<string> {
  // A hard link never replaces a file: of two first starts at once, both go on with the same key.
  if (!existsSync(file)) writeAtomically(file, `${await create()}\n`, linkUnlessThere)
  return readFileSync(file, 'utf8').trim()
}

function linkUnlessThere(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

/** Writes a file of mode 0600 that is there whole or not at all, also after a power cut. */
function writeAtomically(file: string, text: string, put: (from: string, to: string) => void): void {
  const temporary = `${file}.${process.pid}-${hex(4)}.new`
  try {
    const handle = openSync(temporary, 'wx', 0o600)
    try {
      writeSync(handle, text)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    put(temporary, file)
    const folder = openSync(dirname(file), 'r')
    fsyncSync(folder)
    closeSync(folder)
  } finally {
    rmSync(temporary, { force: true })
  }
}
