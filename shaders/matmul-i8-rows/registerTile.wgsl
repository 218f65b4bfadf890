// In registers alone: one invocation computes 4 rows x 4 columns of the accumulators. The four columns lie `lanes`
// apart. `fourRows` comes from rowLoad.wgsl or rowBroadcast.wgsl.
override lanes: u32 = 16u;

struct FourActivations {
  a: Activations,
  b: Activations,
  c: Activations,
  d: Activations,
}

// One column of the tile.
struct FourSums {
  a: Partial,
  b: Partial,
  c: Partial,
  d: Partial,
}

// The sums of a column with sixteen more weights: the first or second half of a group of 32.
fn added(sums: FourSums, column: u32, group: u32, half: u32, x: FourActivations) -> FourSums {
  let w = sixteenOf(codesOf(column, group, half));
  let factors = factorsOf(column, group);
  return FourSums(
    sums.a + sixteenSum(w, factors, x.a),
    sums.b + sixteenSum(w, factors, x.b),
    sums.c + sixteenSum(w, factors, x.c),
    sums.d + sixteenSum(w, factors, x.d),
  );
}

fn store(row: u32, column: u32, sums: FourSums) {
  if (column >= task.n) {
    return;
  }
  let at = row * task.n + column;
  accumulators[at] = totalOf(sums.a);
  if (row + 1u < task.m) { accumulators[at + task.n] = totalOf(sums.b); }
  if (row + 2u < task.m) { accumulators[at + task.n * 2u] = totalOf(sums.c); }
  if (row + 3u < task.m) { accumulators[at + task.n * 3u] = totalOf(sums.d); }
}

@compute @workgroup_size(lanes, 1, 1)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) local: u32,
  place: Place,
) {
  let row = task.firstRow + workgroup.y * 4u;
  let columns = vec4u(task.firstColumn + workgroup.x * lanes * 4u + local)
    + vec4u(0u, lanes, lanes * 2u, lanes * 3u);
  // Reads past the edge are clamped to the last row and column; only stores are guarded.
  let read = min(columns, vec4u(task.n - 1u));
  let sixteens = task.groups * 2u;
  let starts = min(vec4u(row) + vec4u(0u, 1u, 2u, 3u), vec4u(task.m - 1u)) * sixteens;
  let secondPlane = select(0u, task.m * sixteens, planes == 2u);
  var sums0: FourSums;
  var sums1: FourSums;
  var sums2: FourSums;
  var sums3: FourSums;
  for (var at = 0u; at < sixteens; at++) {
    let high = fourRows(starts, at, place);
    var low: FourRows;
    if (planes == 2u) {
      low = fourRows(starts, secondPlane + at, place);
    }
    let x = FourActivations(
      activationsOf(high.a, low.a),
      activationsOf(high.b, low.b),
      activationsOf(high.c, low.c),
      activationsOf(high.d, low.d),
    );
    let group = at / 2u;
    let half = at % 2u;
    sums0 = added(sums0, read.x, group, half, x);
    sums1 = added(sums1, read.y, group, half, x);
    sums2 = added(sums2, read.z, group, half, x);
    sums3 = added(sums3, read.w, group, half, x);
  }
  store(row, columns.x, sums0);
  store(row, columns.y, sums1);
  store(row, columns.z, sums2);
  store(row, columns.w, sums3);
}
