// c = a * b in registers alone: one invocation computes 16 rows x 8 columns of c, four times as many as registerTile.wgsl,
// for each of which it reads half as much. Software adapters pay for each read.
//   a: f32[m, k]   b: f32[k, n]   c: f32[m, n]
// The eight columns lie workgroupColumns apart, so that neighbouring invocations read neighbouring words of b.
// `fourOfRow` comes from rowLoad.wgsl or rowBroadcast.wgsl.
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

override workgroupColumns: u32 = 16u;

// Eight neighbours of a row of c, four and four.
struct Sums {
  left: vec4f,
  right: vec4f,
}

fn fourColumns(start: u32, columns: vec4u) -> vec4f {
  return vec4f(b[start + columns.x], b[start + columns.y], b[start + columns.z], b[start + columns.w]);
}

fn added(sums: Sums, fourOfA: vec4f, left: mat4x4f, right: mat4x4f) -> Sums {
  return Sums(sums.left + left * fourOfA, sums.right + right * fourOfA);
}

fn storeFour(start: u32, columns: vec4u, values: vec4f) {
  if (columns.x < task.n) { c[start + columns.x] = values.x; }
  if (columns.y < task.n) { c[start + columns.y] = values.y; }
  if (columns.z < task.n) { c[start + columns.z] = values.z; }
  if (columns.w < task.n) { c[start + columns.w] = values.w; }
}

@compute @workgroup_size(workgroupColumns, 1, 1)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  place: Place,
) {
  let row = task.firstRow + group.y * 16u;
  let leftColumns = vec4u(task.firstColumn + group.x * workgroupColumns * 8u + local.x)
    + vec4u(0u, workgroupColumns, workgroupColumns * 2u, workgroupColumns * 3u);
  let rightColumns = leftColumns + vec4u(workgroupColumns * 4u);
  // Reads past the edge are clamped to the last row and column; only stores are guarded.
  let readLeft = min(leftColumns, vec4u(task.n - 1u));
  let readRight = min(rightColumns, vec4u(task.n - 1u));
  let last = task.m - 1u;
  let row0 = min(row + 0u, last) * task.k;
  let row1 = min(row + 1u, last) * task.k;
  let row2 = min(row + 2u, last) * task.k;
  let row3 = min(row + 3u, last) * task.k;
  let row4 = min(row + 4u, last) * task.k;
  let row5 = min(row + 5u, last) * task.k;
  let row6 = min(row + 6u, last) * task.k;
  let row7 = min(row + 7u, last) * task.k;
  let row8 = min(row + 8u, last) * task.k;
  let row9 = min(row + 9u, last) * task.k;
  let row10 = min(row + 10u, last) * task.k;
  let row11 = min(row + 11u, last) * task.k;
  let row12 = min(row + 12u, last) * task.k;
  let row13 = min(row + 13u, last) * task.k;
  let row14 = min(row + 14u, last) * task.k;
  let row15 = min(row + 15u, last) * task.k;
  var sums0: Sums;
  var sums1: Sums;
  var sums2: Sums;
  var sums3: Sums;
  var sums4: Sums;
  var sums5: Sums;
  var sums6: Sums;
  var sums7: Sums;
  var sums8: Sums;
  var sums9: Sums;
  var sums10: Sums;
  var sums11: Sums;
  var sums12: Sums;
  var sums13: Sums;
  var sums14: Sums;
  var sums15: Sums;
  var start = 0u;
  var t = 0u;
  // Four steps of k at a time: the columns of the matrices are four rows of b.
  for (; t + 4u <= task.k; t += 4u) {
    let start1 = start + task.n;
    let start2 = start1 + task.n;
    let start3 = start2 + task.n;
    let left = mat4x4f(
      fourColumns(start, readLeft),
      fourColumns(start1, readLeft),
      fourColumns(start2, readLeft),
      fourColumns(start3, readLeft),
    );
    let right = mat4x4f(
      fourColumns(start, readRight),
      fourColumns(start1, readRight),
      fourColumns(start2, readRight),
      fourColumns(start3, readRight),
    );
    sums0 = added(sums0, fourOfRow(row0 + t, place), left, right);
    sums1 = added(sums1, fourOfRow(row1 + t, place), left, right);
    sums2 = added(sums2, fourOfRow(row2 + t, place), left, right);
    sums3 = added(sums3, fourOfRow(row3 + t, place), left, right);
    sums4 = added(sums4, fourOfRow(row4 + t, place), left, right);
    sums5 = added(sums5, fourOfRow(row5 + t, place), left, right);
    sums6 = added(sums6, fourOfRow(row6 + t, place), left, right);
    sums7 = added(sums7, fourOfRow(row7 + t, place), left, right);
    sums8 = added(sums8, fourOfRow(row8 + t, place), left, right);
    sums9 = added(sums9, fourOfRow(row9 + t, place), left, right);
    sums10 = added(sums10, fourOfRow(row10 + t, place), left, right);
    sums11 = added(sums11, fourOfRow(row11 + t, place), left, right);
    sums12 = added(sums12, fourOfRow(row12 + t, place), left, right);
    sums13 = added(sums13, fourOfRow(row13 + t, place), left, right);
    sums14 = added(sums14, fourOfRow(row14 + t, place), left, right);
    sums15 = added(sums15, fourOfRow(row15 + t, place), left, right);
    start = start3 + task.n;
  }
  // What is left, and the stores, row by row in loops: a program without them takes half as long to compile.
  var all = array<Sums, 16>(
    sums0, sums1, sums2, sums3, sums4, sums5, sums6, sums7,
    sums8, sums9, sums10, sums11, sums12, sums13, sums14, sums15,
  );
  for (; t < task.k; t++) {
    let left = fourColumns(start, readLeft);
    let right = fourColumns(start, readRight);
    for (var at = 0u; at < 16u; at++) {
      let oneOfA = a[min(row + at, last) * task.k + t];
      all[at].left += oneOfA * left;
      all[at].right += oneOfA * right;
    }
    start += task.n;
  }
  for (var at = 0u; at < min(16u, task.m - row); at++) {
    let stored = (row + at) * task.n;
    storeFour(stored, leftColumns, all[at].left);
    storeFour(stored, rightColumns, all[at].right);
  }
}
