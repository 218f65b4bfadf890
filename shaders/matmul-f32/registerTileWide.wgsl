// c = a * b in registers alone: one invocation computes 16 rows x 16 columns of c, eight times as many as
// registerTile.wgsl, for each of which it reads less than half as much. Software adapters pay for each read.
//   a: f32[m, k]   b: f32[k, n]   c: f32[m, n]
// The columns lie workgroupColumns apart, so that neighbouring invocations read neighbouring words of b.
// `fourOfRow` comes from rowLoad.wgsl or rowBroadcast.wgsl.
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

override workgroupColumns: u32 = 8u;

// Sixteen columns of a row, four by four.
struct Sixteen {
  first: vec4f,
  second: vec4f,
  third: vec4f,
  fourth: vec4f,
}

struct Columns {
  first: vec4u,
  second: vec4u,
  third: vec4u,
  fourth: vec4u,
}

// Four steps of k: sixteen columns of four rows of b.
struct FourRows {
  first: mat4x4f,
  second: mat4x4f,
  third: mat4x4f,
  fourth: mat4x4f,
}

fn fourColumns(start: u32, columns: vec4u) -> vec4f {
  return vec4f(b[start + columns.x], b[start + columns.y], b[start + columns.z], b[start + columns.w]);
}

fn fourRows(start: u32, columns: vec4u) -> mat4x4f {
  return mat4x4f(
    fourColumns(start, columns),
    fourColumns(start + task.n, columns),
    fourColumns(start + task.n * 2u, columns),
    fourColumns(start + task.n * 3u, columns),
  );
}

fn added(sums: Sixteen, fourOfA: vec4f, rows: FourRows) -> Sixteen {
  return Sixteen(
    sums.first + rows.first * fourOfA,
    sums.second + rows.second * fourOfA,
    sums.third + rows.third * fourOfA,
    sums.fourth + rows.fourth * fourOfA,
  );
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
  let firstColumns = vec4u(task.firstColumn + group.x * workgroupColumns * 16u + local.x)
    + vec4u(0u, 1u, 2u, 3u) * workgroupColumns;
  let four = workgroupColumns * 4u;
  let columns = Columns(firstColumns, firstColumns + four, firstColumns + four * 2u, firstColumns + four * 3u);
  // Reads past the edge are clamped to the last row and column; only stores are guarded.
  let lastColumn = vec4u(task.n - 1u);
  let read = Columns(
    min(columns.first, lastColumn),
    min(columns.second, lastColumn),
    min(columns.third, lastColumn),
    min(columns.fourth, lastColumn),
  );
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
  var sums0: Sixteen;
  var sums1: Sixteen;
  var sums2: Sixteen;
  var sums3: Sixteen;
  var sums4: Sixteen;
  var sums5: Sixteen;
  var sums6: Sixteen;
  var sums7: Sixteen;
  var sums8: Sixteen;
  var sums9: Sixteen;
  var sums10: Sixteen;
  var sums11: Sixteen;
  var sums12: Sixteen;
  var sums13: Sixteen;
  var sums14: Sixteen;
  var sums15: Sixteen;
  var start = 0u;
  var t = 0u;
  for (; t + 4u <= task.k; t += 4u) {
    let rows = FourRows(
      fourRows(start, read.first),
      fourRows(start, read.second),
      fourRows(start, read.third),
      fourRows(start, read.fourth),
    );
    sums0 = added(sums0, fourOfRow(row0 + t, place), rows);
    sums1 = added(sums1, fourOfRow(row1 + t, place), rows);
    sums2 = added(sums2, fourOfRow(row2 + t, place), rows);
    sums3 = added(sums3, fourOfRow(row3 + t, place), rows);
    sums4 = added(sums4, fourOfRow(row4 + t, place), rows);
    sums5 = added(sums5, fourOfRow(row5 + t, place), rows);
    sums6 = added(sums6, fourOfRow(row6 + t, place), rows);
    sums7 = added(sums7, fourOfRow(row7 + t, place), rows);
    sums8 = added(sums8, fourOfRow(row8 + t, place), rows);
    sums9 = added(sums9, fourOfRow(row9 + t, place), rows);
    sums10 = added(sums10, fourOfRow(row10 + t, place), rows);
    sums11 = added(sums11, fourOfRow(row11 + t, place), rows);
    sums12 = added(sums12, fourOfRow(row12 + t, place), rows);
    sums13 = added(sums13, fourOfRow(row13 + t, place), rows);
    sums14 = added(sums14, fourOfRow(row14 + t, place), rows);
    sums15 = added(sums15, fourOfRow(row15 + t, place), rows);
    start += task.n * 4u;
  }
  // What is left, and the stores, row by row in loops: a program without them takes half as long to compile.
  var all = array<Sixteen, 16>(
    sums0, sums1, sums2, sums3, sums4, sums5, sums6, sums7,
    sums8, sums9, sums10, sums11, sums12, sums13, sums14, sums15,
  );
  for (; t < task.k; t++) {
    let ofB = Sixteen(
      fourColumns(start, read.first),
      fourColumns(start, read.second),
      fourColumns(start, read.third),
      fourColumns(start, read.fourth),
    );
    for (var at = 0u; at < 16u; at++) {
      let oneOfA = a[min(row + at, last) * task.k + t];
      all[at].first += oneOfA * ofB.first;
      all[at].second += oneOfA * ofB.second;
      all[at].third += oneOfA * ofB.third;
      all[at].fourth += oneOfA * ofB.fourth;
    }
    start += task.n;
  }
  for (var at = 0u; at < min(16u, task.m - row); at++) {
    let stored = (row + at) * task.n;
    storeFour(stored, columns.first, all[at].first);
    storeFour(stored, columns.second, all[at].second);
    storeFour(stored, columns.third, all[at].third);
    storeFour(stored, columns.fourth, all[at].fourth);
  }
}
