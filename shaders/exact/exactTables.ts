import tables from './tables.json' with { type: 'json' }

/**
 * Tables of the exact lane, as data: no device computes them, because powers in floating point differ.
 * `exp2` is ET of rule S9, round(2^15 * 2^(-i/256)) for i = 0..256. `sigmoid` is ST of rule S10,
 * round(2^16 / (1 + e^(-i/64))) for i = 0..1024.
 */
export const exactTables = {
  exp2: Uint32Array.from(tables.exp2),
  sigmoid: Uint32Array.from(tables.sigmoid),
}
