// Weights times one row of activations; four rows of weights at a time share what is read of the activations.
//   codes: vec4<u32>[planes, groups, 2]   sixteen int8 codes each, zero past k
//   weights and what belongs to them: see the form's own program
//   accumulators: i32[n]                  exact, modulo 2^32
// A `row` of the row programs is four rows of weights, and its elements are the groups of 32.
@group(0) @binding(1) var<storage, read> codes: array<vec4u>;

fn activations(group: u32) -> Activations {
  let at = group * 2u;
  let second = select(0u, task.groups * 2u, planes == 2u);
  return activationsOf(codes[at], codes[at + 1u], codes[second + at], codes[second + at + 1u]);
}

fn sumOf(row: u32, group: u32, x: Activations) -> Partial {
  let w = sixteenOf(codesOf(row, group, 0u));
  let w2 = sixteenOf(codesOf(row, group, 1u));
  return groupSum(w, w2, factorsOf(row, group), x);
}

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = (task.firstRow + rowOf(workgroup.y, local)) * 4u;
  if (row >= task.n) {
    return;
  }
  // Reads past the last row are clamped to it; only stores are guarded.
  let last = task.n - 1u;
  let row1 = min(row + 1u, last);
  let row2 = min(row + 2u, last);
  let row3 = min(row + 3u, last);
  var sum0: Partial;
  var sum1: Partial;
  var sum2: Partial;
  var sum3: Partial;
  for (var group = firstOf(local); group < task.groups; group += stepOf()) {
    let x = activations(group);
    sum0 += sumOf(row, group, x);
    sum1 += sumOf(row1, group, x);
    sum2 += sumOf(row2, group, x);
    sum3 += sumOf(row3, group, x);
  }
  let sums = sumsOfRow(vec4i(totalOf(sum0), totalOf(sum1), totalOf(sum2), totalOf(sum3)), local);
  if (firstOf(local) == 0u) {
    accumulators[row] = sums.x;
    if (row + 1u < task.n) { accumulators[row + 1u] = sums.y; }
    if (row + 2u < task.n) { accumulators[row + 2u] = sums.z; }
    if (row + 3u < task.n) { accumulators[row + 3u] = sums.w; }
  }
}
