// Reduces rows of 32-bit numbers, first in parts of `chunk` elements and then the parts of each row. What a number is
// and how two become one says another program: sumI32.wgsl, sumF32.wgsl, ...
//   parts: source: [rows, n] as the kernel's caller gives it; result: Value[rows, parts]
//   whole: source: Value[rows, parts];                        result: [rows] as the caller gets it
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
  let row = part / task.parts;
  let start = row * task.n;
  let first = part % task.parts * task.chunk;
  let end = min(first + task.chunk, task.n);
  var value = identity;
  for (var at = first + firstOf(local); at < end; at += stepOf()) {
    value = combine(value, valueOf(source[start + at]));
  }
  let all = combineRow(value, local, place);
  if (firstOf(local) == 0u) {
    result[part] = bitcast<u32>(all);
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
    value = combine(value, bitcast<Value>(source[row * task.parts + at]));
  }
  let all = combineRow(value, local, place);
  if (firstOf(local) == 0u) {
    result[row] = wordOf(all);
  }
}
