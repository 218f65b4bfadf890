import { OpentabError } from '../../../protocol/errors.ts'
import { type LogReader, leafHashesBetween } from './logReader.ts'
import type { MerkleFrontier } from './merkleFrontier.ts'
import {
  type BinaryHash,
  bytesOf,
  completeRoot,
  EMPTY_ROOT,
  HASH_BYTES,
  parentHash,
  TILE_WIDTH,
} from './treeHash.ts'

/** The tree as it is stored: any tile, root and proof over committed entries. */
export class LogTree {
  readonly reader: LogReader
  /** Holds the tiles that are not full yet; without it they are computed from the full ones below. */
  readonly #frontier: MerkleFrontier | undefined

  constructor(reader: LogReader, frontier?: MerkleFrontier) {
    this.reader = reader
    this.#frontier = frontier
  }

  /**
   * The first `width` hashes of a tile, 32 bytes each; a narrower tile is the beginning of a wider one. Throws
   * `internal` when the store lacks them.
   */
  tile(level: number, n: number, width: number): Uint8Array {
    const bytes = width * HASH_BYTES
    const growing = this.#frontier?.growingTile(level)
    const known = growing?.n === n ? growing.hashes : this.reader.logTile(level, n)
    if (known !== undefined && known.byteLength >= bytes) return known.subarray(0, bytes)
    if (level > 0) {
      const out = Buffer.alloc(bytes)
      for (let i = 0; i < width; i++) {
        const root = completeRoot(this.tile(level - 1, n * TILE_WIDTH + i, TILE_WIDTH), 0, TILE_WIDTH)
        out.write(root, i * HASH_BYTES, HASH_BYTES, 'latin1')
      }
      return out
    }
    const leaves = leafHashesBetween(this.reader, n * TILE_WIDTH, n * TILE_WIDTH + width)
    if (leaves !== undefined) return leaves
    throw new OpentabError(
      'internal',
      `The stored log lacks entries of bundle ${n}, of which it should hold ${width}.`,
      {
        fix: 'Restore the data folder from a backup.',
      },
    )
  }

  /** Root of the tree of the first `size` entries, 32 bytes. */
  rootAt(size: number): Buffer {
    checkRange('size', size, this.reader.logSize())
    return bytesOf(size === 0 ? EMPTY_ROOT : this.#rangeHash(0, size))
  }

  /** Inclusion proof of entry `index` in the tree of `size`, from the leaf's sibling upwards; RFC 6962 section 2.1.1. */
  inclusionProof(index: number, size: number): Buffer[] {
    checkRange('size', size, this.reader.logSize())
    checkRange('index', index, size - 1)
    const path: BinaryHash[] = []
    let first = 0
    let end = size
    while (end - first > 1) {
      const middle = first + splitOf(end - first)
      if (index < middle) {
        path.push(this.#rangeHash(middle, end))
        end = middle
      } else {
        path.push(this.#rangeHash(first, middle))
        first = middle
      }
    }
    return path.reverse().map(bytesOf)
  }

  /**
   * Consistency proof from the tree of `oldSize` to that of `newSize`; RFC 6962 section 2.1.2. Empty from size 0 and
   * between equal sizes.
   */
  consistencyProof(oldSize: number, newSize: number): Buffer[] {
    checkRange('new size', newSize, this.reader.logSize())
    checkRange('old size', oldSize, newSize)
    if (oldSize === 0 || oldSize === newSize) return []
    const proof: BinaryHash[] = []
    let first = 0
    let end = newSize
    while (oldSize !== end) {
      const middle = first + splitOf(end - first)
      if (oldSize <= middle) {
        proof.push(this.#rangeHash(middle, end))
        end = middle
      } else {
        proof.push(this.#rangeHash(first, middle))
        first = middle
      }
    }
    // What is left is the end of the old tree. When it is all of it, the verifier has that hash already.
    if (first > 0) proof.push(this.#rangeHash(first, end))
    return proof.reverse().map(bytesOf)
  }

  /** Merkle tree hash over the entries [first, end), a range into which RFC 6962 splits a tree. */
  #rangeHash(first: number, end: number): BinaryHash {
    const count = end - first
    const split = splitOf(count)
    if (count === 1 || count === split * 2) return this.#completeHash(first, count)
    return parentHash(this.#rangeHash(first, first + split), this.#rangeHash(first + split, end))
  }

  /** Hash of a complete subtree: a few hashes of one tile. */
  #completeHash(first: number, count: number): BinaryHash {
    let level = 0
    let unit = 1
    for (; count / unit >= TILE_WIDTH; unit *= TILE_WIDTH) level++
    const n = Math.floor(first / unit / TILE_WIDTH)
    const from = (first / unit) % TILE_WIDTH
    const hashes = count / unit
    return completeRoot(this.tile(level, n, from + hashes), from, hashes)
  }
}

function checkRange(param: string, value: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= 0 && value <= most) return
  throw new OpentabError('invalid_value', `The ${param} is ${value}; it can be from 0 to ${most} here.`, {
    param,
  })
}

/** Largest power of two below `count`; 1 for 1. */
function splitOf(count: number): number {
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}
