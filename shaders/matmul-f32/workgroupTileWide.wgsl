// c = a * b through workgroup memory: each invocation computes 16 rows x 8 columns of c, for which it reads less than half
// as much of the tile as workgroupTile.wgsl. A workgroup is 16 invocations wide and groupRows high: its tile has 128
// columns and 16 * groupRows rows, so that it can be as low as a skinny matrix.
//   a: f32[m, k]   b: f32[k, n]   c: f32[m, n]
// The columns of an invocation lie 16 apart: neighbours read neighbouring words, of b as well as of the tile.
// Reads and stores are those of tileAccess.wgsl.
override groupRows: u32 = 4u;
override invocations: u32 = 16u * groupRows;
override tileRows: u32 = 16u * groupRows;
// Steps of k that the tiles hold.
const steps = 16u;
// A row of a is one longer than it must be: rows then lie in different banks.
const aStride = steps + 1u;
override aSize: u32 = tileRows * aStride;

// Row r, step t of k at r * aStride + t.
var<workgroup> tileA: array<f32, aSize>;
// Step t, column x at t * 128 + x.
var<workgroup> tileB: array<f32, steps * 128u>;

struct Eight {
  left: vec4f,
  right: vec4f,
}

fn fourOfTileB(at: u32) -> vec4f {
  return vec4f(tileB[at], tileB[at + 16u], tileB[at + 32u], tileB[at + 48u]);
}

fn fourRows(at: u32) -> mat4x4f {
  return mat4x4f(
    fourOfTileB(at), fourOfTileB(at + 128u), fourOfTileB(at + 256u), fourOfTileB(at + 384u),
  );
}

fn added(sums: Eight, at: u32, left: mat4x4f, right: mat4x4f) -> Eight {
  let fourOfA = vec4f(tileA[at], tileA[at + 1u], tileA[at + 2u], tileA[at + 3u]);
  return Eight(sums.left + left * fourOfA, sums.right + right * fourOfA);
}

fn storeFour(start: u32, column: u32, values: vec4f) {
  storeElement(start, column, values.x);
  storeElement(start, column + 16u, values.y);
  storeElement(start, column + 32u, values.z);
  storeElement(start, column + 48u, values.w);
}

@compute @workgroup_size(invocations, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let x = index % 16u;
  let y = index / 16u;
  let tileRow = task.firstRow + group.y * tileRows;
  let tileColumn = task.firstColumn + group.x * 128u;
  var sums0: Eight;
  var sums1: Eight;
  var sums2: Eight;
  var sums3: Eight;
  var sums4: Eight;
  var sums5: Eight;
  var sums6: Eight;
  var sums7: Eight;
  var sums8: Eight;
  var sums9: Eight;
  var sums10: Eight;
  var sums11: Eight;
  var sums12: Eight;
  var sums13: Eight;
  var sums14: Eight;
  var sums15: Eight;
  for (var first = 0u; first < task.k; first += steps) {
    for (var at = index; at < tileRows * steps; at += invocations) {
      let row = at / steps;
      let start = min(tileRow + row, task.m - 1u) * task.k;
      tileA[row * aStride + at % steps] = elementOfA(start, first + at % steps);
    }
    for (var at = index; at < steps * 128u; at += invocations) {
      tileB[at] = elementOfB(first + at / 128u, tileColumn + at % 128u);
    }
    workgroupBarrier();
    for (var t = 0u; t < steps; t += 4u) {
      let left = fourRows(t * 128u + x);
      let right = fourRows(t * 128u + x + 64u);
      let aAt = y * 16u * aStride + t;
      sums0 = added(sums0, aAt + aStride * 0u, left, right);
      sums1 = added(sums1, aAt + aStride * 1u, left, right);
      sums2 = added(sums2, aAt + aStride * 2u, left, right);
      sums3 = added(sums3, aAt + aStride * 3u, left, right);
      sums4 = added(sums4, aAt + aStride * 4u, left, right);
      sums5 = added(sums5, aAt + aStride * 5u, left, right);
      sums6 = added(sums6, aAt + aStride * 6u, left, right);
      sums7 = added(sums7, aAt + aStride * 7u, left, right);
      sums8 = added(sums8, aAt + aStride * 8u, left, right);
      sums9 = added(sums9, aAt + aStride * 9u, left, right);
      sums10 = added(sums10, aAt + aStride * 10u, left, right);
      sums11 = added(sums11, aAt + aStride * 11u, left, right);
      sums12 = added(sums12, aAt + aStride * 12u, left, right);
      sums13 = added(sums13, aAt + aStride * 13u, left, right);
      sums14 = added(sums14, aAt + aStride * 14u, left, right);
      sums15 = added(sums15, aAt + aStride * 15u, left, right);
    }
    workgroupBarrier();
  }
  let row = tileRow + y * 16u;
  let column = tileColumn + x;
  let all = array<Eight, 16>(
    sums0, sums1, sums2, sums3, sums4, sums5, sums6, sums7,
    sums8, sums9, sums10, sums11, sums12, sums13, sums14, sums15,
  );
  for (var at = 0u; at < 16u && row + at < task.m; at++) {
    let start = (row + at) * task.n;
    storeFour(start, column, all[at].left);
    storeFour(start, column + 64u, all[at].right);
  }
}
