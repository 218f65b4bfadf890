// Prefix sums of rows, part by part of `chunk` elements; an invocation works on four neighbouring ones at a time.
//   x: [rows, n]
//   parts: Value[rows, parts], the sum of all that comes before each part
//   y: [rows, n]   the sum of all elements up to and with each one, or without it where task.exclusive is 1
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read> parts: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;

fn elementOf(at: u32, end: u32) -> Value {
  if (at < end) {
    return valueOf(x[at]);
  }
  return identity;
}

fn store(at: u32, end: u32, without: Value, including: Value) {
  if (at >= end) {
    return;
  }
  if (task.exclusive == 1u) {
    y[at] = wordOf(without);
  } else {
    y[at] = wordOf(including);
  }
}

@compute @workgroup_size(lanes, 1, 1)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
  place: Place,
) {
  let part = task.firstRow + rowOf(group.y, local);
  if (part >= task.rows * task.parts) {
    return;
  }
  let row = part / task.parts;
  let offset = part % task.parts * task.chunk;
  let first = row * task.n + offset;
  let length = min(task.chunk, task.n - offset);
  let end = first + length;
  let position = positionOf(local, place) * 4u;
  var before = bitcast<Value>(parts[part]);
  for (var tile = 0u; tile < length; tile += stepOf() * 4u) {
    let at = first + tile + position;
    let a = elementOf(at, end);
    let b = combine(a, elementOf(at + 1u, end));
    let c = combine(b, elementOf(at + 2u, end));
    let d = combine(c, elementOf(at + 3u, end));
    let prefix = prefixOf(d, local, place);
    let own = combine(before, prefix.before);
    store(at, end, own, combine(own, a));
    store(at + 1u, end, combine(own, a), combine(own, b));
    store(at + 2u, end, combine(own, b), combine(own, c));
    store(at + 3u, end, combine(own, c), combine(own, d));
    before = combine(before, prefix.all);
  }
}
