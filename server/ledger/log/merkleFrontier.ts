import type { LogTile } from '../../store/store.ts'
import {
  type BinaryHash,
  binaryHash,
  completeRoot,
  EMPTY_ROOT,
  HASH_BYTES,
  nodeBuffer,
  parentHash,
  putLeft,
  putRight,
  TILE_LEVELS,
  TILE_WIDTH,
} from './treeHash.ts'

const LEVELS = 53

interface GrowingTile {
  n: number
  width: number
  /** 256 x 32 bytes, of which `width` hashes are there. */
  hashes: Buffer
}

/**
 * The right edge of the tree, all that appending needs: at most one complete subtree of every height, and of every tile
 * level the tile that is being filled. One leaf costs one node hash on average.
 */
export class MerkleFrontier {
  #size = 0
  /** Node buffers by height; its left half holds the subtree of that height where the size has that bit. */
  readonly #nodes = Array.from({ length: LEVELS }, nodeBuffer)
  readonly #tiles: GrowingTile[] = []
  #full: LogTile[] = []

  /** Entries in the tree. */
  get size(): number {
    return this.#size
  }

  /** The frontier of a tree of `size` entries; `tile` gives the first hashes of a tile of it. */
  static restore(
    size: number,
    tile: (level: number, n: number, width: number) => Uint8Array,
  ): MerkleFrontier {
    const frontier = new MerkleFrontier()
    frontier.#size = size
    let count = size
    for (let level = 0; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
      const growing = frontier.#tile(level)
      growing.n = Math.floor(count / TILE_WIDTH)
      growing.width = count % TILE_WIDTH
      if (growing.width === 0) continue
      growing.hashes.set(tile(level, growing.n, growing.width))
      for (let height = 0; height < TILE_LEVELS; height++) {
        if (((growing.width >> height) & 1) === 0) continue
        const first = (growing.width >> (height + 1)) << (height + 1)
        const node = frontier.#nodes[level * TILE_LEVELS + height]!
        putLeft(node, completeRoot(growing.hashes, first, 1 << height))
      }
    }
    return frontier
  }

  /** The tile of a level that is being filled, with the hashes it has; undefined above the tree. */
  growingTile(level: number): { n: number; hashes: Uint8Array } | undefined {
    const tile = this.#tiles[level]
    return tile && { n: tile.n, hashes: tile.hashes.subarray(0, tile.width * HASH_BYTES) }
  }

  /** Appends one leaf hash. */
  append(leaf: BinaryHash): void {
    let index = this.#size++
    let node = leaf
    let height = 0
    this.#grow(0, node)
    while (index % 2 === 1) {
      const parent = this.#nodes[height]!
      putRight(parent, node)
      node = binaryHash(parent)
      index = (index - 1) / 2
      height++
      if (height % TILE_LEVELS === 0) this.#grow(height / TILE_LEVELS, node)
    }
    putLeft(this.#nodes[height]!, node)
  }

  /** The tree's root: one hash per set bit of the size. */
  root(): BinaryHash {
    let root: BinaryHash | undefined
    let rest = this.#size
    for (let height = 0; rest > 0; height++, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 0) continue
      const left = this.#nodes[height]!.toString('latin1', 1, 1 + HASH_BYTES)
      root = root === undefined ? left : parentHash(left, root)
    }
    return root ?? EMPTY_ROOT
  }

  /** Tiles that became full since the last call. */
  takeFullTiles(): LogTile[] {
    const taken = this.#full
    this.#full = []
    return taken
  }

  #tile(level: number): GrowingTile {
    let tile = this.#tiles[level]
    if (tile === undefined) {
      tile = { n: 0, width: 0, hashes: Buffer.alloc(TILE_WIDTH * HASH_BYTES) }
      this.#tiles[level] = tile
    }
    return tile
  }

  #grow(level: number, hash: BinaryHash): void {
    const tile = this.#tile(level)
    tile.hashes.write(hash, tile.width * HASH_BYTES, HASH_BYTES, 'latin1')
    tile.width++
    if (tile.width < TILE_WIDTH) return
    this.#full.push({ level, n: tile.n, bytes: Buffer.from(tile.hashes) })
    tile.n++
    tile.width = 0
  }
}
