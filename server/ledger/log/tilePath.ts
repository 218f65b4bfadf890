import { TILE_WIDTH } from './treeHash.ts'

/** What a path under the log names. */
export interface TileName {
  /** Tile level 0 to 63, or the bundle of entries beside level 0. */
  level: number | 'entries'
  n: number
  /** 256 for a full tile, else 1 to 255. */
  width: number
}

const pattern = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/

/**
 * Reads `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]` (c2sp.org/tlog-tiles), N in groups of three digits. Null
 * for everything else, also for other spellings of the same tile, so that each has one address only.
 */
export function parseTilePath(path: string): TileName | null {
  const [, levelText, groups, widthText] = pattern.exec(path) ?? []
  if (levelText === undefined || groups === undefined) return null
  const level = levelText === 'entries' ? 'entries' : Number(levelText)
  if (level !== 'entries' && level > 63) return null
  const n = Number(groups.replaceAll(/[x/]/g, ''))
  const width = widthText === undefined ? TILE_WIDTH : Number(widthText)
  if (!Number.isSafeInteger(n) || (widthText !== undefined && width >= TILE_WIDTH)) return null
  const name: TileName = { level, n, width }
  return tilePath(name) === path ? name : null
}

/** The path of a tile or bundle, without a leading slash. */
export function tilePath({ level, n, width }: TileName): string {
  const groups = [String(n % 1000).padStart(3, '0')]
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, '0')}`)
  }
  return `tile/${level}/${groups.join('/')}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}
