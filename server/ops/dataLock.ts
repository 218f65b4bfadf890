import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { OpentabError } from '../../protocol/errors.ts'

/**
 * Takes the data folder for this process. SQLite's own file lock does it: the system gives it back however the
 * process ends, so a crash never leaves a folder locked.
 * @returns the function that gives it back
 * @throws OpentabError `data_in_use`
 */
export function lockData(dataFolder: string): () => void {
  mkdirSync(dataFolder, { recursive: true })
  const lock = new DatabaseSync(join(dataFolder, 'relay.lock'))
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT; BEGIN EXCLUSIVE;')
  } catch (error) {
    lock.close()
    throw new OpentabError('data_in_use', `Another relay already uses ${dataFolder}.`, { cause: error })
  }
  return () => lock.close()
}
