import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { ReferenceTree } from '../../protocol/tlog/referenceTree.ts'
import { weightsRoot } from './weightsRoot.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()

it.each([1, 2, 3, 5, 8])(
  'the weights root of %i files is the root of RFC 6962 over their hashes',
  async (count) => {
    const hashes = Array.from({ length: count }, (_, i) => sha256(Uint8Array.of(i)))
    const reference = new ReferenceTree(hashes, sha256)
    const root = await weightsRoot(hashes.map((hash) => Buffer.from(hash).toString('hex')))
    expect(root).toBe(Buffer.from(reference.hash(0, count)).toString('hex'))
  },
)
