// c = a * b through workgroup memory: 256 invocations compute 128 x 128 elements of c, each 8 rows x 8 columns of it, for
// which it reads half as much of the tile as workgroupTile.wgsl. For matrices large enough to fill a GPU with such tiles.
//   a: f32[m, k]   b: f32[k, n]   c: f32[m, n]
// Reads and stores are those of tileAccess.wgsl.

// A row of a in the tile is one longer than it must be: rows then lie in different banks.
const aStride = 3u;
const bStart = 128u * aStride;

// First a: row r, quad q of eight steps of k at r * aStride + q. Then b from bStart: step t, four columns x at t * 32 + x.
var<workgroup> tile: array<vec4f, bStart + 256u>;

@compute @workgroup_size(256, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let x = index % 16u;
  let y = index / 16u;
  let tileRow = task.firstRow + group.y * 128u;
  let tileColumn = task.firstColumn + group.x * 128u;
  let loadedRow = index / 2u;
  let loadedQuad = index % 2u;
  let loadedStep = index / 32u;
  let loadedColumn = tileColumn + index % 32u * 4u;
  var left0 = vec4f();
  var right0 = vec4f();
  var left1 = vec4f();
  var right1 = vec4f();
  var left2 = vec4f();
  var right2 = vec4f();
  var left3 = vec4f();
  var right3 = vec4f();
  var left4 = vec4f();
  var right4 = vec4f();
  var left5 = vec4f();
  var right5 = vec4f();
  var left6 = vec4f();
  var right6 = vec4f();
  var left7 = vec4f();
  var right7 = vec4f();
  // What the next step needs is read while this one is computed.
  var nextA = quadOfA(tileRow + loadedRow, loadedQuad * 4u);
  var nextB = quadOfB(loadedStep, loadedColumn);
  for (var first = 0u; first < task.k; first += 8u) {
    tile[loadedRow * aStride + loadedQuad] = nextA;
    tile[bStart + index] = nextB;
    workgroupBarrier();
    let next = first + 8u;
    if (next < task.k) {
      nextA = quadOfA(tileRow + loadedRow, next + loadedQuad * 4u);
      nextB = quadOfB(next + loadedStep, loadedColumn);
    }
    for (var quad = 0u; quad < 2u; quad++) {
      // Rows y * 4 and the next three, and the same 64 further; columns likewise.
      let aAt = y * 4u * aStride + quad;
      let bAt = bStart + quad * 128u + x;
      let left = mat4x4f(tile[bAt], tile[bAt + 32u], tile[bAt + 64u], tile[bAt + 96u]);
      let right = mat4x4f(tile[bAt + 16u], tile[bAt + 48u], tile[bAt + 80u], tile[bAt + 112u]);
      let a0 = tile[aAt];
      left0 += left * a0;
      right0 += right * a0;
      let a1 = tile[aAt + aStride * 1u];
      left1 += left * a1;
      right1 += right * a1;
      let a2 = tile[aAt + aStride * 2u];
      left2 += left * a2;
      right2 += right * a2;
      let a3 = tile[aAt + aStride * 3u];
      left3 += left * a3;
      right3 += right * a3;
      let a4 = tile[aAt + aStride * 64u];
      left4 += left * a4;
      right4 += right * a4;
      let a5 = tile[aAt + aStride * 65u];
      left5 += left * a5;
      right5 += right * a5;
      let a6 = tile[aAt + aStride * 66u];
      left6 += left * a6;
      right6 += right * a6;
      let a7 = tile[aAt + aStride * 67u];
      left7 += left * a7;
      right7 += right * a7;
    }
    workgroupBarrier();
  }
  let row = tileRow + y * 4u;
  let column = tileColumn + x * 4u;
  store(row, column, left0);
  store(row, column + 64u, right0);
  store(row + 1u, column, left1);
  store(row + 1u, column + 64u, right1);
  store(row + 2u, column, left2);
  store(row + 2u, column + 64u, right2);
  store(row + 3u, column, left3);
  store(row + 3u, column + 64u, right3);
  store(row + 64u, column, left4);
  store(row + 64u, column + 64u, right4);
  store(row + 65u, column, left5);
  store(row + 65u, column + 64u, right5);
  store(row + 66u, column, left6);
  store(row + 66u, column + 64u, right6);
  store(row + 67u, column, left7);
  store(row + 67u, column + 64u, right7);
}
