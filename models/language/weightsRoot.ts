import { createHash } from 'node:crypto'
import { leafHash, nodeHash } from '../../protocol/tlog/merkleHashes.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()

/**
 * Merkle root over a model's weight files, hex: the tree of RFC 6962 section 2.1 whose entries are the files' SHA-256
 * in the order of the stages, so that one stage's weights can be proved to belong to a model by a short path.
 * @param hashes SHA-256 of each file, hex; at least one
 */
export async function weightsRoot(hashes: readonly string[]): Promise<string> {
  const leaves = await Promise.all(hashes.map((hash) => leafHash(sha256, Buffer.from(hash, 'hex'))))
  return Buffer.from(await rootOf(leaves)).toString('hex')
}

async function rootOf(leaves: readonly Uint8Array[]): Promise<Uint8Array> {
  if (leaves.length === 1) return leaves[0]!
  let half = 1
  while (half * 2 < leaves.length) half *= 2
  return nodeHash(sha256, await rootOf(leaves.slice(0, half)), await rootOf(leaves.slice(half)))
}
