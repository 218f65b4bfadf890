// The k first elements of each row from those of its parts. An invocation keeps a cursor into each part that is its own.
//   x: f32[rows, n], as words
//   candidates: Ranked[rows, parts, k], in order in each part
//   cursors: u32[rows, parts]     how many of a part's candidates were taken
//   values: f32[rows, k]          as words; -infinity past n
//   indices: u32[rows, k]         2^32 - 1 past n
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read> candidates: array<u32>;
@group(0) @binding(3) var<storage, read_write> cursors: array<u32>;
@group(0) @binding(4) var<storage, read_write> values: array<u32>;
@group(0) @binding(5) var<storage, read_write> indices: array<u32>;

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
  for (var part = firstOf(local); part < task.parts; part += stepOf()) {
    cursors[start + part] = 0u;
  }
  var own = identity;
  var ownPart = 0u;
  var isOwnTaken = true;
  for (var at = 0u; at < task.k; at++) {
    if (isOwnTaken) {
      own = identity;
      for (var part = firstOf(local); part < task.parts; part += stepOf()) {
        // Never past the last candidate: who has given k of them has given all.
        let candidate = ((start + part) * task.k + cursors[start + part]) * 2u;
        let next = Ranked(candidates[candidate], candidates[candidate + 1u]);
        if (isBefore(next, own)) {
          own = next;
          ownPart = part;
        }
      }
    }
    let best = combineRow(own, local, place);
    beforeNextReduction();
    isOwnTaken = best.index == own.index;
    if (isOwnTaken && best.order > 0u) {
      cursors[start + ownPart] += 1u;
    }
    if (firstOf(local) == 0u) {
      indices[row * task.k + at] = best.index;
      var word = 0xff800000u;
      if (best.order > 0u) {
        word = x[row * task.n + best.index];
      }
      values[row * task.k + at] = word;
    }
  }
}
