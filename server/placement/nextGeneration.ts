import type { Core } from '../core.ts'

/** Grants that one start number serves: the lower 20 bits of a generation. */
const GRANTS_A_START = 2 ** 20
/** So long before the start number is used up, the next one is put on disk: leases do not wait for a commit. */
const RESERVE_AT = GRANTS_A_START / 2

/**
 * The generation of one more grant, u32: the start number in the upper 12 bits, a count in the lower 20. When the
 * count is used up, which a busy relay does in a quarter of a minute, the relay goes on under the next start number;
 * the next start of the relay takes one that comes after. Numbers come again after 2^32 grants, when no lease, which
 * lasts minutes, can be left of the first time.
 */
export function nextGeneration(core: Core): number {
  core.generationCount++
  if (core.generationCount === RESERVE_AT) core.commit.batch.meta.push(['boot', String(core.boot + 1)])
  if (core.generationCount === GRANTS_A_START) {
    core.boot++
    core.generationCount = 0
  }
  return ((core.boot & 0xfff) * GRANTS_A_START + core.generationCount) >>> 0
}
