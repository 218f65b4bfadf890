// Through workgroup memory: 16 x 16 invocations compute 64 x 64 of the accumulators, each 4 rows x 4 columns that lie
// 16 apart. One step holds a group of 32 of k.
// highTile[half * 64 + r]: sixteen codes of row r of the tile, the first or second half of the group.
var<workgroup> highTile: array<vec4u, 128>;
// The same of the second plane.
var<workgroup> lowTile: array<vec4u, 128>;
// weightTile[half * 64 + c]: sixteen weights of column c of the tile.
var<workgroup> weightTile: array<vec4u, 128>;
var<workgroup> factorTile: array<vec2i, 64>;

fn store(row: u32, column: u32, sums: array<Partial, 4>) {
  if (row >= task.m) {
    return;
  }
  let at = row * task.n + column;
  if (column < task.n) { accumulators[at] = totalOf(sums[0]); }
  if (column + 16u < task.n) { accumulators[at + 16u] = totalOf(sums[1]); }
  if (column + 32u < task.n) { accumulators[at + 32u] = totalOf(sums[2]); }
  if (column + 48u < task.n) { accumulators[at + 48u] = totalOf(sums[3]); }
}

// Four sums of a row with sixteen more weights of each column.
fn added(
  sums: array<Partial, 4>,
  row: u32,
  w: array<Sixteen, 4>,
  factors: array<vec2i, 4>,
) -> array<Partial, 4> {
  let x = activationsOf(highTile[row], lowTile[row]);
  return array(
    sums[0] + sixteenSum(w[0], factors[0], x),
    sums[1] + sixteenSum(w[1], factors[1], x),
    sums[2] + sixteenSum(w[2], factors[2], x),
    sums[3] + sixteenSum(w[3], factors[3], x),
  );
}

@compute @workgroup_size(16, 16, 1)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let tileRow = task.firstRow + workgroup.y * 64u;
  let tileColumn = task.firstColumn + workgroup.x * 64u;
  // What this invocation brings: rows and columns past the edge are clamped, as only stores are guarded.
  let slot = index % 128u;
  let slotRow = min(tileRow + slot % 64u, task.m - 1u);
  let slotColumn = min(tileColumn + slot % 64u, task.n - 1u);
  let slotHalf = slot / 64u;
  let plane = index / 128u;
  let sixteens = task.groups * 2u;
  let source = (select(0u, task.m, plane == 1u && planes == 2u) + slotRow) * sixteens + slotHalf;
  var sums0: array<Partial, 4>;
  var sums1: array<Partial, 4>;
  var sums2: array<Partial, 4>;
  var sums3: array<Partial, 4>;
  for (var group = 0u; group < task.groups; group++) {
    if (plane == 0u) {
      highTile[slot] = codes[source + group * 2u];
      weightTile[slot] = codesOf(slotColumn, group, slotHalf);
    } else {
      if (planes == 2u) {
        lowTile[slot] = codes[source + group * 2u];
      }
      if (slotHalf == 0u) {
        factorTile[slot] = factorsOf(slotColumn, group);
      }
    }
    workgroupBarrier();
    let factors = array(
      factorTile[local.x],
      factorTile[local.x + 16u],
      factorTile[local.x + 32u],
      factorTile[local.x + 48u],
    );
    for (var half = 0u; half < 128u; half += 64u) {
      let column = half + local.x;
      let row = half + local.y;
      let w = array(
        sixteenOf(weightTile[column]),
        sixteenOf(weightTile[column + 16u]),
        sixteenOf(weightTile[column + 32u]),
        sixteenOf(weightTile[column + 48u]),
      );
      sums0 = added(sums0, row, w, factors);
      sums1 = added(sums1, row + 16u, w, factors);
      sums2 = added(sums2, row + 32u, w, factors);
      sums3 = added(sums3, row + 48u, w, factors);
    }
    workgroupBarrier();
  }
  let row = tileRow + local.y;
  let column = tileColumn + local.x;
  store(row, column, sums0);
  store(row + 16u, column, sums1);
  store(row + 32u, column, sums2);
  store(row + 48u, column, sums3);
}
