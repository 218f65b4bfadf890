import { cp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { create, extract } from 'tar'
import { OpentabError } from '../../protocol/errors.ts'
import { parseCheckpoint } from '../../protocol/tlog/checkpoint.ts'
import { parseNote } from '../../protocol/tlog/signedNote.ts'
import type { Core } from '../core.ts'
import { renewLogKey } from '../ledger/log/keys.ts'
import { SqliteStore } from '../store/sqliteStore.ts'

/** The database's file inside a data folder. */
export const DATABASE = 'opentab.sqlite'

/** Writes one file with the database (a consistent copy, made while the relay runs) and the keys. */
export async function backUp(
  core: Core,
  dataFolder: string,
  file: string,
): Promise<{ file: string; bytes: number; logSize: number }> {
  if (await stat(file).catch(() => null)) {
    throw new OpentabError('invalid_value', `${file} is there already.`, {
      param: 'file',
      fix: 'Give another name.',
    })
  }
  const folder = join(dataFolder, `backup-${process.pid}-${Date.now()}`)
  await mkdir(folder, { mode: 0o700 })
  try {
    await core.commit.durable()
    await core.store.backup(join(folder, DATABASE))
    await cp(join(dataFolder, 'keys'), join(folder, 'keys'), { recursive: true })
    await cp(join(dataFolder, 'admin-token'), join(folder, 'admin-token')).catch(() => {})
    await mkdir(dirname(file), { recursive: true })
    await create({ gzip: true, file, cwd: folder, portable: true, mode: 0o600 }, ['.'])
    return { file, bytes: (await stat(file)).size, logSize: core.store.logSize() }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Puts a backup into an empty data folder. What happened after the backup is lost, so the log goes on under a new
 * origin and key, whose first entry names the checkpoint of the old one: nobody can take the two for one history.
 */
export async function restoreBackup(
  file: string,
  dataFolder: string,
  publicUrl?: string,
): Promise<{ origin: string; previous: string | null }> {
  if (await stat(join(dataFolder, DATABASE)).catch(() => null)) {
    throw new OpentabError('data_in_use', `${dataFolder} holds a relay's data already.`, {
      fix: 'Restore into another folder: set OPENTAB_DATA.',
    })
  }
  // Everything is made and tried beside its place; the data folder stays as it was unless all of it is good.
  const incoming = join(dataFolder, `restore-${process.pid}-${Date.now()}`)
  await mkdir(incoming, { recursive: true, mode: 0o700 })
  try {
    const restored = await unpack(file, incoming, publicUrl)
    for (const name of await readdir(incoming)) await rename(join(incoming, name), join(dataFolder, name))
    return restored
  } finally {
    await rm(incoming, { recursive: true, force: true })
  }
}

async function unpack(
  file: string,
  folder: string,
  publicUrl: string | undefined,
): Promise<{ origin: string; previous: string | null }> {
  const refuse = (cause?: unknown): never => {
    throw new OpentabError('invalid_value', `${file} is not a whole backup of a relay.`, {
      param: 'file',
      fix: 'Name a file that `opentab backup` made.',
      cause,
    })
  }
  await extract({ file, cwd: folder, strict: true }).catch(refuse)
  if (!(await stat(join(folder, DATABASE)).catch(() => null))) refuse()
  let store: SqliteStore
  try {
    store = new SqliteStore(join(folder, DATABASE))
  } catch (error) {
    return refuse(error)
  }
  try {
    const { checkpoint } = store.load()
    const signer = renewLogKey(folder, publicUrl)
    store.openNewLog(checkpoint === null ? null : JSON.stringify({ v: 1, restored: checkpoint.text }))
    return {
      origin: signer.origin,
      previous: checkpoint && parseCheckpoint(parseNote(checkpoint.text).text).origin,
    }
  } catch (error) {
    return refuse(error)
  } finally {
    store.close()
  }
}
