// c = a * b through workgroup memory: 256 invocations compute a square tile of c, each 4 rows x 4 columns of it.
//   a: f32[m, k]   b: f32[k, n]   c: f32[m, n]
// A tile of 64 x 64 takes groups = 16: 16 x 16 invocations. With groups = 8 and 4 the tiles are 32 x 32 and 16 x 16 and
// there are more of them, which small matrices need to fill a GPU: 4 and 16 slices of the workgroup then share one tile,
// each with its own part of k, and their sums are added at the end.
// Reads and stores are those of tileAccess.wgsl.
override groups: u32 = 16u;
// Invocations that compute one tile; the workgroup has 256 of them in `slices` slices.
override plane: u32 = groups * groups;
override slices: u32 = 256u / plane;
// One step takes `stepQuads` times four of k: each invocation then reads four elements of a and four of b.
override stepQuads: u32 = groups / 4u * slices;
// A row of a in the tile is one longer than it must be: rows then lie in different banks.
override aStride: u32 = stepQuads + 1u;
override bStart: u32 = groups * 4u * aStride;
override sumsSize: u32 = (slices - 1u) * plane * 4u;
override tileSize: u32 = max(bStart + 256u, sumsSize);

// First a: row r, quad q of k at r * aStride + q. Then b from bStart: step t of k, four columns x at t * groups + x.
// At the end the sums of all slices but the first.
var<workgroup> tile: array<vec4f, tileSize>;

@compute @workgroup_size(256, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let x = index % groups;
  let y = index / groups % groups;
  let slice = index / plane;
  let tileRow = task.firstRow + group.y * groups * 4u;
  let tileColumn = task.firstColumn + group.x * groups * 4u;
  let loadedRow = index / stepQuads;
  let loadedQuad = index % stepQuads;
  let loadedStep = index / groups;
  var sum0 = vec4f();
  var sum1 = vec4f();
  var sum2 = vec4f();
  var sum3 = vec4f();
  // What the next step needs is read while this one is computed.
  var nextA = quadOfA(tileRow + loadedRow, loadedQuad * 4u);
  var nextB = quadOfB(loadedStep, tileColumn + x * 4u);
  for (var first = 0u; first < task.k; first += stepQuads * 4u) {
    tile[loadedRow * aStride + loadedQuad] = nextA;
    tile[bStart + index] = nextB;
    workgroupBarrier();
    let next = first + stepQuads * 4u;
    if (next < task.k) {
      nextA = quadOfA(tileRow + loadedRow, next + loadedQuad * 4u);
      nextB = quadOfB(next + loadedStep, tileColumn + x * 4u);
    }
    for (var q = 0u; q < groups / 4u; q++) {
      let quad = slice * (groups / 4u) + q;
      let aAt = y * 4u * aStride + quad;
      let bAt = bStart + quad * 4u * groups + x;
      let b0 = tile[bAt];
      let b1 = tile[bAt + groups];
      let b2 = tile[bAt + groups * 2u];
      let b3 = tile[bAt + groups * 3u];
      // One product after the other: each is then fused with the addition.
      let a0 = tile[aAt];
      sum0 += a0.x * b0;
      sum0 += a0.y * b1;
      sum0 += a0.z * b2;
      sum0 += a0.w * b3;
      let a1 = tile[aAt + aStride];
      sum1 += a1.x * b0;
      sum1 += a1.y * b1;
      sum1 += a1.z * b2;
      sum1 += a1.w * b3;
      let a2 = tile[aAt + aStride * 2u];
      sum2 += a2.x * b0;
      sum2 += a2.y * b1;
      sum2 += a2.z * b2;
      sum2 += a2.w * b3;
      let a3 = tile[aAt + aStride * 3u];
      sum3 += a3.x * b0;
      sum3 += a3.y * b1;
      sum3 += a3.z * b2;
      sum3 += a3.w * b3;
    }
    workgroupBarrier();
  }
  if (slices > 1u) {
    if (slice > 0u) {
      let at = (index - plane) * 4u;
      tile[at] = sum0;
      tile[at + 1u] = sum1;
      tile[at + 2u] = sum2;
      tile[at + 3u] = sum3;
    }
    workgroupBarrier();
    if (slice == 0u) {
      for (var at = index * 4u; at < sumsSize; at += plane * 4u) {
        sum0 += tile[at];
        sum1 += tile[at + 1u];
        sum2 += tile[at + 2u];
        sum3 += tile[at + 3u];
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
