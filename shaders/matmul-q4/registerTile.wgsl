// y = x W^T with W in 4-bit blocks, in registers alone: one invocation computes 4 rows x 4 columns of y.
//   codes, scales and offsets of W[n, k]: see blocks.wgsl   x: f32[m, k]   y: f32[m, n], each a sum in any order
// The four columns lie `lanes` apart. `fourOfRow` comes from rowLoad.wgsl or rowBroadcast.wgsl.
override lanes: u32 = 16u;

// Four columns of each of four rows.
struct FourSums {
  a: vec4f,
  b: vec4f,
  c: vec4f,
  d: vec4f,
}

// Scale and offset of a block of each of four columns.
struct Factors {
  scales: vec4f,
  offsets: vec4f,
}

// The sums with eight more elements from t on; a word of codes for each of the four columns.
fn added(sums: FourSums, words: vec4u, factors: Factors, starts: vec4u, t: u32, place: Place) -> FourSums {
  let nibbles = centred(words);
  let near = mat4x4f(
    factors.scales * nibble(nibbles, 0u) + factors.offsets,
    factors.scales * nibble(nibbles, 1u) + factors.offsets,
    factors.scales * nibble(nibbles, 2u) + factors.offsets,
    factors.scales * nibble(nibbles, 3u) + factors.offsets,
  );
  let far = mat4x4f(
    factors.scales * nibble(nibbles, 4u) + factors.offsets,
    factors.scales * nibble(nibbles, 5u) + factors.offsets,
    factors.scales * nibble(nibbles, 6u) + factors.offsets,
    factors.scales * nibble(nibbles, 7u) + factors.offsets,
  );
  let t4 = t + 4u;
  return FourSums(
    sums.a + near * fourOfRow(starts.x, t, place) + far * fourOfRow(starts.x, t4, place),
    sums.b + near * fourOfRow(starts.y, t, place) + far * fourOfRow(starts.y, t4, place),
    sums.c + near * fourOfRow(starts.z, t, place) + far * fourOfRow(starts.z, t4, place),
    sums.d + near * fourOfRow(starts.w, t, place) + far * fourOfRow(starts.w, t4, place),
  );
}

fn store(row: u32, columns: vec4u, values: vec4f) {
  if (row >= task.m) {
    return;
  }
  let start = row * task.n;
  if (columns.x < task.n) { y[start + columns.x] = values.x; }
  if (columns.y < task.n) { y[start + columns.y] = values.y; }
  if (columns.z < task.n) { y[start + columns.z] = values.z; }
  if (columns.w < task.n) { y[start + columns.w] = values.w; }
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
  let starts = min(vec4u(row) + vec4u(0u, 1u, 2u, 3u), vec4u(task.m - 1u)) * task.k;
  var sums: FourSums;
  for (var block = 0u; block < task.blocks; block++) {
    let at = read * task.blocks + block;
    let codes0 = codes[at.x];
    let codes1 = codes[at.y];
    let codes2 = codes[at.z];
    let codes3 = codes[at.w];
    let blockScales = vec4f(scales[at.x], scales[at.y], scales[at.z], scales[at.w]);
    let factors = Factors(
      blockScales,
      vec4f(
        offsetOf(read.x, block, blockScales.x),
        offsetOf(read.y, block, blockScales.y),
        offsetOf(read.z, block, blockScales.z),
        offsetOf(read.w, block, blockScales.w),
      ),
    );
    let t = block * 32u;
    sums = added(sums, vec4u(codes0.x, codes1.x, codes2.x, codes3.x), factors, starts, t, place);
    sums = added(sums, vec4u(codes0.y, codes1.y, codes2.y, codes3.y), factors, starts, t + 8u, place);
    sums = added(sums, vec4u(codes0.z, codes1.z, codes2.z, codes3.z), factors, starts, t + 16u, place);
    sums = added(sums, vec4u(codes0.w, codes1.w, codes2.w, codes3.w), factors, starts, t + 24u, place);
  }
  store(row, columns, sums.a);
  store(row + 1u, columns, sums.b);
  store(row + 2u, columns, sums.c);
  store(row + 3u, columns, sums.d);
}
