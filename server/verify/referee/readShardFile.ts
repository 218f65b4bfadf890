import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { OpentabError } from '../../../protocol/errors.ts'

/**
 * The bytes of a stored shard. They are hashed on every load: a damaged file must not make honest tabs look wrong.
 * @param paths file of each shard, by its SHA-256
 * @throws OpentabError `not_found`, `wrong_hash`
 */
export async function readShardFile(
  paths: ReadonlyMap<string, string>,
  sha256: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const path = paths.get(sha256)
  if (path === undefined) throw new OpentabError('not_found', `Shard ${sha256} is not stored here.`)
  const bytes = await readFile(path)
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== sha256)
    throw new OpentabError('wrong_hash', `${path} should hash to ${sha256} and hashes to ${found}.`)
  return bytes
}
