// Scores of a query become weights of rule S9 of the exact lane, in place: powers of two from a table, then a division
// by their sum. Two passes over the row (largest, then sum): a running maximum would round differently.
//   exp2: u32[257]                             2^15 * 2^(-i/256), given as data
//   scores: u32[rows * heads, before + rows]   scores in, weights (Q16, at most 65536) out; up to the query's own key
//   y: i32[rows, heads, width]                 set to zero for the pass that adds to it
@group(0) @binding(1) var<storage, read> exp2Table: array<u32>;
@group(0) @binding(2) var<storage, read_write> scores: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<i32>;

// 2^15 * 2^(-below), `below` in Q17: between two entries of the table by a straight line, then halved.
fn powerOf(below: u32) -> u32 {
  let halvings = below >> 17u;
  if (halvings >= 16u) {
    return 0u;
  }
  let entry = (below >> 9u) & 255u;
  let upper = exp2Table[entry];
  let power = upper - (((upper - exp2Table[entry + 1u]) * (below & 511u) + 256u) >> 9u);
  return (power + ((1u << halvings) >> 1u)) >> halvings;
}

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let query = task.firstRow + rowOf(group.y, local);
  if (query >= task.rows * headsOf()) {
    return;
  }
  let start = query * keysOf();
  let visible = visibleTo(query);
  var most = 0u;
  for (var key = firstOf(local); key < visible; key += stepOf()) {
    most = max(most, scores[start + key]);
  }
  let top = maxOfRow(most, local);
  var powers = 0u;
  for (var key = firstOf(local); key < visible; key += stepOf()) {
    let power = powerOf(top - scores[start + key]);
    scores[start + key] = power;
    powers += power;
  }
  // The largest power is 2^15, so the sum is in [2^15, 2^28) and the shift below in [15, 27].
  let total = sumOfRow(powers, local);
  let zeros = countLeadingZeros(total);
  let inverse = 0x80000000u / ((total << zeros) >> 16u);
  let shift = 31u - zeros;
  for (var key = firstOf(local); key < visible; key += stepOf()) {
    scores[start + key] = (scores[start + key] * inverse + (1u << (shift - 1u))) >> shift;
  }
  for (var column = firstOf(local); column < task.width; column += stepOf()) {
    y[query * task.width + column] = 0;
  }
}
