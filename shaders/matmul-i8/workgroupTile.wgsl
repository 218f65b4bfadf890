// c = a * b through workgroup memory: 256 invocations compute a square tile of c, each 4 rows x 4 columns of it.
//   aQuads: u32[m, ceil(k/4)]  four neighbouring k of a row of a, zero past k
//   bQuads: u32[ceil(k/4), n]  four neighbouring k of a column of b, zero past k
//   c:      i32[m, n]
// A tile of 64 x 64 takes groups = 16: 16 x 16 invocations. With groups = 8 and 4 the tiles are 32 x 32 and 16 x 16 and
// there are more of them, which small matrices need to fill a GPU: 4 and 16 slices of the workgroup then share one tile,
// each with its own part of k, and their sums are added at the end.
@group(0) @binding(1) var<storage, read> aQuads: array<u32>;
@group(0) @binding(2) var<storage, read> bQuads: array<u32>;
@group(0) @binding(3) var<storage, read_write> c: array<i32>;

override groups: u32 = 16u;
// Invocations that compute one tile; the workgroup has 256 of them in `slices` slices.
override plane: u32 = groups * groups;
override slices: u32 = 256u / plane;
// One step takes `stepFours` times four quads: each invocation then reads four quads of a and four of b.
override stepFours: u32 = groups / 4u * slices;
// A row of a in the tile is one longer than it must be: rows then lie in different banks.
override aStride: u32 = stepFours + 1u;
override bStart: u32 = groups * 4u * aStride;
override sumsSize: u32 = (slices - 1u) * plane * 4u;
override tileSize: u32 = max(bStart + 256u, sumsSize);

// First a: row r, four quads f at r * aStride + f. Then b from bStart: quad q, four columns x at q * groups + x.
// At the end the sums of all slices but the first.
var<workgroup> tile: array<vec4u, tileSize>;

fn quadOfA(start: u32, q: u32, quads: u32) -> u32 {
  if (q < quads) {
    return aQuads[start + q];
  }
  return 0u;
}

// Four neighbouring quads of a row of a, zero past k. Rows past the edge are the last one: nobody stores their sums.
fn foursOfA(row: u32, q: u32, quads: u32) -> vec4u {
  let start = min(row, task.m - 1u) * quads;
  return vec4u(
    quadOfA(start, q, quads),
    quadOfA(start, q + 1u, quads),
    quadOfA(start, q + 2u, quads),
    quadOfA(start, q + 3u, quads),
  );
}

// One quad of four neighbouring columns of b, zero past k; columns past the edge are the last one.
fn foursOfB(q: u32, column: u32, quads: u32) -> vec4u {
  if (q >= quads) {
    return vec4u();
  }
  let start = q * task.n;
  let last = task.n - 1u;
  return vec4u(
    bQuads[start + min(column, last)],
    bQuads[start + min(column + 1u, last)],
    bQuads[start + min(column + 2u, last)],
    bQuads[start + min(column + 3u, last)],
  );
}

fn store(row: u32, column: u32, values: vec4i) {
  if (row >= task.m) {
    return;
  }
  let start = row * task.n + column;
  if (column < task.n) { c[start] = values.x; }
  if (column + 1u < task.n) { c[start + 1u] = values.y; }
  if (column + 2u < task.n) { c[start + 2u] = values.z; }
  if (column + 3u < task.n) { c[start + 3u] = values.w; }
}

@compute @workgroup_size(256, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let quads = (task.k + 3u) / 4u;
  let x = index % groups;
  let y = index / groups % groups;
  let slice = index / plane;
  let tileRow = task.firstRow + group.y * groups * 4u;
  let tileColumn = task.firstColumn + group.x * groups * 4u;
  let loadedRow = index / stepFours;
  let loadedFour = index % stepFours;
  let loadedQuad = index / groups;
  var sum0 = vec4i();
  var sum1 = vec4i();
  var sum2 = vec4i();
  var sum3 = vec4i();
  // What the next step needs is read while this one is computed.
  var nextA = foursOfA(tileRow + loadedRow, loadedFour * 4u, quads);
  var nextB = foursOfB(loadedQuad, tileColumn + x * 4u, quads);
  for (var first = 0u; first < quads; first += stepFours * 4u) {
    tile[loadedRow * aStride + loadedFour] = nextA;
    tile[bStart + index] = nextB;
    workgroupBarrier();
    let next = first + stepFours * 4u;
    if (next < quads) {
      nextA = foursOfA(tileRow + loadedRow, next + loadedFour * 4u, quads);
      nextB = foursOfB(next + loadedQuad, tileColumn + x * 4u, quads);
    }
    for (var f = 0u; f < groups / 4u; f++) {
      let four = slice * (groups / 4u) + f;
      let aAt = y * 4u * aStride + four;
      let bAt = bStart + four * 4u * groups + x;
      let a0 = tile[aAt];
      let a1 = tile[aAt + aStride];
      let a2 = tile[aAt + aStride * 2u];
      let a3 = tile[aAt + aStride * 3u];
      let b0 = columnsOf(tile[bAt]);
      sum0 += dotRow(quadOf(a0.x), b0);
      sum1 += dotRow(quadOf(a1.x), b0);
      sum2 += dotRow(quadOf(a2.x), b0);
      sum3 += dotRow(quadOf(a3.x), b0);
      let b1 = columnsOf(tile[bAt + groups]);
      sum0 += dotRow(quadOf(a0.y), b1);
      sum1 += dotRow(quadOf(a1.y), b1);
      sum2 += dotRow(quadOf(a2.y), b1);
      sum3 += dotRow(quadOf(a3.y), b1);
      let b2 = columnsOf(tile[bAt + groups * 2u]);
      sum0 += dotRow(quadOf(a0.z), b2);
      sum1 += dotRow(quadOf(a1.z), b2);
      sum2 += dotRow(quadOf(a2.z), b2);
      sum3 += dotRow(quadOf(a3.z), b2);
      let b3 = columnsOf(tile[bAt + groups * 3u]);
      sum0 += dotRow(quadOf(a0.w), b3);
      sum1 += dotRow(quadOf(a1.w), b3);
      sum2 += dotRow(quadOf(a2.w), b3);
      sum3 += dotRow(quadOf(a3.w), b3);
    }
    workgroupBarrier();
  }
  if (slices > 1u) {
    if (slice > 0u) {
      let at = (index - plane) * 4u;
      tile[at] = bitcast<vec4u>(sum0);
      tile[at + 1u] = bitcast<vec4u>(sum1);
      tile[at + 2u] = bitcast<vec4u>(sum2);
      tile[at + 3u] = bitcast<vec4u>(sum3);
    }
    workgroupBarrier();
    if (slice == 0u) {
      for (var at = index * 4u; at < sumsSize; at += plane * 4u) {
        sum0 += bitcast<vec4i>(tile[at]);
        sum1 += bitcast<vec4i>(tile[at + 1u]);
        sum2 += bitcast<vec4i>(tile[at + 2u]);
        sum3 += bitcast<vec4i>(tile[at + 3u]);
      }
    }
  }
  if (slice == 0u) {
    let row = tileRow + y * 4u;
    let column = tileColumn + x * 4u;
    store(row, column, sum0);
    store(row + 1u, column, sum1);
    store(row + 2u, column, sum2);
    store(row + 3u, column, sum3);
  }
}
