// Sums of parts become the sums of all parts before them, in place, row by row.
//   parts: Value[rows, parts]
@group(0) @binding(1) var<storage, read_write> parts: array<u32>;

@compute @workgroup_size(lanes, 1, 1)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
  place: Place,
) {
  let row = task.firstRow + rowOf(group.y, local);
  if (row >= task.rows) {
    return;
  }
  let start = row * task.parts;
  let position = positionOf(local, place);
  var before = identity;
  for (var first = 0u; first < task.parts; first += stepOf()) {
    let at = first + position;
    var value = identity;
    if (at < task.parts) {
      value = bitcast<Value>(parts[start + at]);
    }
    let prefix = prefixOf(value, local, place);
    if (at < task.parts) {
      parts[start + at] = bitcast<u32>(combine(before, prefix.before));
    }
    before = combine(before, prefix.all);
  }
}
