// y = W x with W in 4-bit blocks; four rows of W at a time share what is read of x.
//   codes, scales and offsets of W[n, k]: see blocks.wgsl   x: f32[k]   y: f32[n], each a sum in any order
// A `row` of the row programs is four rows of W, and its elements are blocks of 32.

// x in the order of the nibbles: component c of `fours[j]` belongs to nibble j of word c.
struct Turned {
  fours: array<vec4f, 8>,
  sum: f32,
}

fn turned(v: Input) -> Turned {
  var t: Turned;
  t.fours[0] = vec4f(v.first[0].x, v.first[2].x, v.second[0].x, v.second[2].x);
  t.fours[1] = vec4f(v.first[0].y, v.first[2].y, v.second[0].y, v.second[2].y);
  t.fours[2] = vec4f(v.first[0].z, v.first[2].z, v.second[0].z, v.second[2].z);
  t.fours[3] = vec4f(v.first[0].w, v.first[2].w, v.second[0].w, v.second[2].w);
  t.fours[4] = vec4f(v.first[1].x, v.first[3].x, v.second[1].x, v.second[3].x);
  t.fours[5] = vec4f(v.first[1].y, v.first[3].y, v.second[1].y, v.second[3].y);
  t.fours[6] = vec4f(v.first[1].z, v.first[3].z, v.second[1].z, v.second[3].z);
  t.fours[7] = vec4f(v.first[1].w, v.first[3].w, v.second[1].w, v.second[3].w);
  let sum = ((t.fours[0] + t.fours[1]) + (t.fours[2] + t.fours[3]))
    + ((t.fours[4] + t.fours[5]) + (t.fours[6] + t.fours[7]));
  t.sum = (sum.x + sum.y) + (sum.z + sum.w);
  return t;
}

// The block's part of a row's sum.
fn blockSum(row: u32, block: u32, v: Turned) -> f32 {
  let at = row * task.blocks + block;
  let words = centred(codes[at]);
  let scale = scales[at];
  var sum = nibble(words, 0u) * v.fours[0];
  sum += nibble(words, 1u) * v.fours[1];
  sum += nibble(words, 2u) * v.fours[2];
  sum += nibble(words, 3u) * v.fours[3];
  sum += nibble(words, 4u) * v.fours[4];
  sum += nibble(words, 5u) * v.fours[5];
  sum += nibble(words, 6u) * v.fours[6];
  sum += nibble(words, 7u) * v.fours[7];
  return scale * ((sum.x + sum.y) + (sum.z + sum.w)) + offsetOf(row, block, scale) * v.sum;
}

@compute @workgroup_size(lanes, 1, 1)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) local: u32,
  place: Place,
) {
  let row = (task.firstRow + rowOf(workgroup.y, local)) * 4u;
  // Reads past the last row are clamped to it; only stores are guarded. Nobody leaves early: subgroups stay whole.
  let rows = min(vec4u(row) + vec4u(0u, 1u, 2u, 3u), vec4u(task.n - 1u));
  var sums = vec4f();
  for (var block = firstOf(local); block < task.blocks; block += stepOf()) {
    let v = turned(inputOf(block, place));
    sums += vec4f(
      blockSum(rows.x, block, v),
      blockSum(rows.y, block, v),
      blockSum(rows.z, block, v),
      blockSum(rows.w, block, v),
    );
  }
  let all = combineRow(sums, local, place);
  if (firstOf(local) == 0u) {
    if (row < task.n) { y[row] = all.x; }
    if (row + 1u < task.n) { y[row + 1u] = all.y; }
    if (row + 2u < task.n) { y[row + 2u] = all.z; }
    if (row + 3u < task.n) { y[row + 3u] = all.w; }
  }
}
