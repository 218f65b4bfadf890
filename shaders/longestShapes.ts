import type { Shape } from './size.ts'

/** More than the workgroups that a dispatch may have in one dimension, 65,535; a prime. */
const MANY = 65_537

const rows = { rows: MANY, n: 1 }
/** For row families whose first one has an invocation for each row, 16 a workgroup or more. */
const manyRows = { rows: 16 * (MANY - 1) + 1, n: 1 }
const norm = { ...rows, epsilon: 1e-5 }
const codedRows = { ...manyRows, planes: 1, limit: 127 }
/** As many rows of one element as fill MANY tiles of so many rows. */
const productOf = (tileRows: number) => ({ m: tileRows * (MANY - 1) + 1, k: 1, n: 1 })
const vectorOf = (rowsPerWorkgroup: number) => ({ n: rowsPerWorkgroup * (MANY - 1) + 1, k: 1 })
/** 65,536 heads. */
const manyHeads = { kvHeads: 256, group: 256, width: 4 }

/**
 * The longest shape of each kernel by name: thin, so that it takes a software adapter a second or two, and longer than one
 * dispatch of some variant at its smallest tuning, so that it is cut even where the device is fast. Sorts and hashes take thousands of words a
 * workgroup, and a tile of attention takes long; theirs are what fits the time.
 */
export const longestShapes: Readonly<Record<string, Shape>> = {
  'matmul-i8': productOf(8),
  'matmul-i8-rows': { ...productOf(4), planes: 1 },
  'matmul-i8-g32x4': { ...productOf(4), planes: 1 },
  'matmul-i8-q41x8': { ...productOf(4), planes: 1 },
  'matvec-i8': { ...vectorOf(16), planes: 1 },
  'matvec-i8-g32x4': { ...vectorOf(16), planes: 1 },
  'matvec-i8-q41x8': { ...vectorOf(16), planes: 1 },
  mulshift: { ...rows, residual: 1, fraction: 14 },
  quantize: codedRows,
  'rmsnorm-exact': codedRows,
  'rope-exact': { rows: MANY, heads: 1, rotated: 1, half: 1, positions: 3 },
  'silu-mul-exact': rows,
  'attention-exact': { ...manyHeads, rows: 2, before: 0 },
  'hash-u32': { n: 64 * MANY },
  'matmul-f32': productOf(8),
  'matmul-f16': productOf(8),
  'matvec-f32': vectorOf(4),
  'matvec-q4': vectorOf(4),
  'matvec-q4-offsets': vectorOf(4),
  'matmul-q4': productOf(4),
  'matmul-q4-offsets': productOf(4),
  'conv2d-f32': {
    ...{ batch: 2, groups: 2 ** 15 + 1, groupChannels: 1, groupOutputs: 1, height: 1, width: 1 },
    ...{ kernelHeight: 1, kernelWidth: 1, strideY: 1, strideX: 1 },
    ...{ padTop: 0, padLeft: 0, padBottom: 0, padRight: 0 },
  },
  rmsnorm: norm,
  layernorm: norm,
  rope: { rows: MANY, heads: 1, half: 1, positions: 3, interleaved: 0 },
  softmax: rows,
  'silu-mul': rows,
  gelu: { ...rows, tanh: 0 },
  'gather-q4': { rows: MANY, n: 3, k: 1 },
  'gather-q4-offsets': { rows: MANY, n: 3, k: 1 },
  argmax: manyRows,
  'top-k': { ...rows, k: 1 },
  'attention-decode': { ...manyHeads, keys: 1, window: 1, scale: 0.5 },
  'attention-prefill': { kvHeads: 64, group: 64, width: 4, rows: 3, before: 0, window: 2, scale: 0.5 },
  'sum-i32': manyRows,
  'reduce-max-i32': manyRows,
  'reduce-min-i32': manyRows,
  'reduce-sum-f32': manyRows,
  'reduce-max-f32': manyRows,
  'reduce-min-f32': manyRows,
  'scan-i32': { ...manyRows, exclusive: 0 },
  'scan-f32': { ...manyRows, exclusive: 0 },
  transpose: { rows: 4 * (MANY - 1) + 1, columns: 1 },
  'sort-u32': { n: 2 ** 19 + 1, payload: 0 },
}
