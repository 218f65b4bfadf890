// The index of the first of the largest elements of each row, by ranked.wgsl; first of parts of `chunk` elements, then
// of each row.
//   parts: x: f32[rows, n] as words;   result: Ranked[rows, parts]
//   whole: x: Ranked[rows, parts];     result: y: u32[rows]
@group(0) @binding(1) var<storage, read> source: array<u32>;
@group(0) @binding(2) var<storage, read_write> result: array<u32>;

@compute @workgroup_size(lanes, 1, 1)
fn parts(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
  place: Place,
) {
  let part = task.firstRow + rowOf(group.y, local);
  if (part >= task.rows * task.parts) {
    return;
  }
  let start = part / task.parts * task.n;
  let first = part % task.parts * task.chunk;
  let end = min(first + task.chunk, task.n);
  var value = identity;
  for (var at = first + firstOf(local); at < end; at += stepOf()) {
    value = combine(value, Ranked(orderOf(source[start + at]), at));
  }
  let best = combineRow(value, local, place);
  if (firstOf(local) == 0u) {
    result[part * 2u] = best.order;
    result[part * 2u + 1u] = best.index;
  }
}

@compute @workgroup_size(lanes, 1, 1)
fn whole(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
  place: Place,
) {
  let row = task.firstRow + rowOf(group.y, local);
  if (row >= task.rows) {
    return;
  }
  var value = identity;
  for (var at = firstOf(local); at < task.parts; at += stepOf()) {
    let part = (row * task.parts + at) * 2u;
    value = combine(value, Ranked(source[part], source[part + 1u]));
  }
  let best = combineRow(value, local, place);
  if (firstOf(local) == 0u) {
    result[row] = best.index;
  }
}
