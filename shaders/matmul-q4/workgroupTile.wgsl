// y = x W^T with W in 4-bit blocks, through workgroup memory: 256 invocations compute 64 x 64 elements of y, each 4 x 4 of
// them. Every step takes one block of 32: an invocation unpacks eight weights of one column for all.
//   codes, scales and offsets of W[n, k]: see blocks.wgsl   x: f32[m, k]   y: f32[m, n], each a sum in any order

const weightStart = 512u;

// First x: row r, quad q of the block at r * 8 + q. Then weights from weightStart: column c, quad q at
// c * 8 + (q ^ (c & 7)), so that columns that are read together lie in different banks.
var<workgroup> tile: array<vec4f, 1024>;

fn elementOfX(start: u32, t: u32) -> f32 {
  if (t < task.k) {
    return x[start + t];
  }
  return 0f;
}

// Four neighbouring elements of a row of x, zero past k.
fn quadOfX(start: u32, t: u32) -> vec4f {
  return vec4f(
    elementOfX(start, t), elementOfX(start, t + 1u), elementOfX(start, t + 2u), elementOfX(start, t + 3u),
  );
}

// Eight packed weights of a column.
struct Packed {
  word: u32,
  scale: f32,
  offset: f32,
}

fn packedOf(column: u32, block: u32, word: u32) -> Packed {
  let at = column * task.blocks + block;
  let scale = scales[at];
  return Packed(codes[at][word], scale, offsetOf(column, block, scale));
}

fn quadOfWeights(packed: Packed, first: u32) -> vec4f {
  let word = vec4i(bitcast<i32>(packed.word ^ 0x88888888u));
  let nibbles = (word << (vec4u(28u, 24u, 20u, 16u) - 4u * first)) >> vec4u(28u);
  return packed.scale * vec4f(nibbles) + packed.offset;
}

fn store(row: u32, column: u32, values: vec4f) {
  if (row >= task.m) {
    return;
  }
  let at = row * task.n + column;
  if (column < task.n) { y[at] = values.x; }
  if (column + 16u < task.n) { y[at + 16u] = values.y; }
  if (column + 32u < task.n) { y[at + 32u] = values.z; }
  if (column + 48u < task.n) { y[at + 48u] = values.w; }
}

@compute @workgroup_size(256, 1, 1)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) index: u32) {
  let column = index % 16u;
  let y4 = index / 16u;
  let tileRow = task.firstRow + workgroup.y * 64u;
  let tileColumn = task.firstColumn + workgroup.x * 64u;
  // Rows and columns past the edge are the last one: nobody stores their sums.
  let lastRow = task.m - 1u;
  let loadedRow = index / 8u;
  let loadedQuad = index % 8u;
  let start = min(tileRow + loadedRow, lastRow) * task.k;
  let start2 = min(tileRow + loadedRow + 32u, lastRow) * task.k;
  let loadedColumn = index / 4u;
  let word = index % 4u;
  let weightColumn = min(tileColumn + loadedColumn, task.n - 1u);
  let weightAt = weightStart + loadedColumn * 8u;
  let turned = loadedColumn & 7u;
  var sum0 = vec4f();
  var sum1 = vec4f();
  var sum2 = vec4f();
  var sum3 = vec4f();
  for (var block = 0u; block < task.blocks; block++) {
    let t = block * 32u + loadedQuad * 4u;
    tile[index] = quadOfX(start, t);
    tile[index + 256u] = quadOfX(start2, t);
    let packed = packedOf(weightColumn, block, word);
    tile[weightAt + ((word * 2u) ^ turned)] = quadOfWeights(packed, 0u);
    tile[weightAt + ((word * 2u + 1u) ^ turned)] = quadOfWeights(packed, 4u);
    workgroupBarrier();
    for (var quad = 0u; quad < 8u; quad++) {
      let at = weightStart + column * 8u + (quad ^ (column & 7u));
      let weights = mat4x4f(tile[at], tile[at + 128u], tile[at + 256u], tile[at + 384u]);
      let rowAt = y4 * 32u + quad;
      sum0 += tile[rowAt] * weights;
      sum1 += tile[rowAt + 8u] * weights;
      sum2 += tile[rowAt + 16u] * weights;
      sum3 += tile[rowAt + 24u] * weights;
    }
    workgroupBarrier();
  }
  let row = tileRow + y4 * 4u;
  store(row, tileColumn + column, sum0);
  store(row + 1u, tileColumn + column, sum1);
  store(row + 2u, tileColumn + column, sum2);
  store(row + 3u, tileColumn + column, sum3);
}
