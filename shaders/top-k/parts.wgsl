// The k first elements of each part of `chunk` elements, by ranked.wgsl, in order. Each invocation knows the first of
// its own elements that was not taken yet, and looks for the next one only when that is taken.
//   x: f32[rows, n], as words
//   candidates: Ranked[rows, parts, k]     `identity` where a part has fewer elements
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> candidates: array<u32>;

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
  let start = part / task.parts * task.n;
  let first = part % task.parts * task.chunk;
  let end = min(first + task.chunk, task.n);
  // Comes before everything.
  var taken = Ranked(0xffffffffu, 0u);
  var own = identity;
  var isOwnTaken = true;
  for (var at = 0u; at < task.k; at++) {
    if (isOwnTaken) {
      own = identity;
      for (var element = first + firstOf(local); element < end; element += stepOf()) {
        let next = Ranked(orderOf(x[start + element]), element);
        if ((at == 0u || isBefore(taken, next)) && isBefore(next, own)) {
          own = next;
        }
      }
    }
    taken = combineRow(own, local, place);
    beforeNextReduction();
    isOwnTaken = taken.index == own.index;
    if (firstOf(local) == 0u) {
      let to = (part * task.k + at) * 2u;
      candidates[to] = taken.order;
      candidates[to + 1u] = taken.index;
    }
  }
}
