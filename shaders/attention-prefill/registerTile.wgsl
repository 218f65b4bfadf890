// Causal attention in registers alone: two neighbouring rows of queries and 64 columns of one head an invocation, which
// goes over the keys four at a time with a running largest score. A wider head's scores are worked out once for each of
// its 64 columns. `powerOf` is of onlineSum.wgsl.
//   queries: vec4<f32>[rows, heads, width / 4]
//   keys: vec4<f32>[before + rows, kvHeads, width / 4]
//   values: vec4<f32>[before + rows, kvHeads, width / 4]
//   y: vec4<f32>[rows, heads, width / 4]
@group(0) @binding(1) var<storage, read> queries: array<vec4f>;
@group(0) @binding(2) var<storage, read> keys: array<vec4f>;
@group(0) @binding(3) var<storage, read> values: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

override lanes: u32 = 16u;

// What a row of queries has gathered of 16 vec4s of columns; loops of a constant length keep it in registers.
struct Gathered {
  most: f32,
  sum: f32,
  columns: array<mat4x4f, 4>,
}

// Powers of four keys from their scores; what was gathered is rescaled to a new largest score.
fn powersOf(gathered: ptr<function, Gathered>, scores: vec4f, isSeen: vec4<bool>) -> vec4f {
  let seen = select(vec4f(lowest), scores, isSeen);
  let most = max((*gathered).most, max(max(seen.x, seen.y), max(seen.z, seen.w)));
  let factor = powerOf((*gathered).most - most);
  let powers = select(vec4f(), exp(max(seen - most, vec4f(-128.0))), isSeen);
  (*gathered).most = most;
  (*gathered).sum = (*gathered).sum * factor + ((powers.x + powers.y) + (powers.z + powers.w));
  (*gathered).columns[0] *= factor;
  (*gathered).columns[1] *= factor;
  (*gathered).columns[2] *= factor;
  (*gathered).columns[3] *= factor;
  return powers;
}

fn store(row: u32, head: u32, quad: u32, columns: mat4x4f, sum: f32) {
  let start = queryOf(row, head) + quad;
  y[start] = columns[0] / sum;
  if (quad + 1u < quadsOf()) { y[start + 1u] = columns[1] / sum; }
  if (quad + 2u < quadsOf()) { y[start + 2u] = columns[2] / sum; }
  if (quad + 3u < quadsOf()) { y[start + 3u] = columns[3] / sum; }
}

fn storeRow(row: u32, head: u32, quad: u32, gathered: ptr<function, Gathered>) {
  let sum = (*gathered).sum;
  store(row, head, quad, (*gathered).columns[0], sum);
  if (quad + 4u < quadsOf()) { store(row, head, quad + 4u, (*gathered).columns[1], sum); }
  if (quad + 8u < quadsOf()) { store(row, head, quad + 8u, (*gathered).columns[2], sum); }
  if (quad + 12u < quadsOf()) { store(row, head, quad + 12u, (*gathered).columns[3], sum); }
}

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  // A row of cells is two rows of queries of one head; a column of cells is 64 columns of it.
  let cell = task.firstRow + workgroup.y * lanes + local;
  let pairs = (task.rows + 1u) / 2u;
  if (cell >= headsOf() * pairs) {
    return;
  }
  let head = cell / pairs;
  let row = cell % pairs * 2u;
  let quad = (task.firstColumn + workgroup.x) * 16u;
  let left = queryOf(row, head);
  let right = queryOf(row + 1u, head);
  let first = vec2u(firstKeyOf(row), firstKeyOf(row + 1u));
  let last = vec2u(task.before + row, task.before + row + 1u);
  var own = Gathered(lowest, 0.0, array<mat4x4f, 4>());
  var next = Gathered(lowest, 0.0, array<mat4x4f, 4>());
  for (var key = first.x; key <= min(last.y, keysOf() - 1u); key += 4u) {
    let start = vec4u(
      startOf(key, head),
      startOf(key + 1u, head),
      startOf(key + 2u, head),
      startOf(key + 3u, head),
    );
    var ownScores = vec4f();
    var nextScores = vec4f();
    for (var i = 0u; i < quadsOf(); i++) {
      let fourKeys = transpose(
        mat4x4f(keys[start.x + i], keys[start.y + i], keys[start.z + i], keys[start.w + i]),
      );
      ownScores += fourKeys * queries[left + i];
      nextScores += fourKeys * queries[right + i];
    }
    let four = vec4u(key) + vec4u(0u, 1u, 2u, 3u);
    let ownSeen = (four >= vec4u(first.x)) & (four <= vec4u(last.x));
    let nextSeen = (four >= vec4u(first.y)) & (four <= vec4u(last.y));
    let ownPowers = powersOf(&own, ownScores * task.scale, ownSeen);
    let nextPowers = powersOf(&next, nextScores * task.scale, nextSeen);
    for (var block = 0u; block < 4u; block++) {
      // Columns past the head's end are those of its last vec4, and are not stored.
      let at = min(vec4u(quad + block * 4u) + vec4u(0u, 1u, 2u, 3u), vec4u(quadsOf() - 1u));
      for (var i = 0u; i < 4u; i++) {
        let fourValues = mat4x4f(
          values[start.x + at[i]],
          values[start.y + at[i]],
          values[start.z + at[i]],
          values[start.w + at[i]],
        );
        own.columns[block][i] += fourValues * ownPowers;
        next.columns[block][i] += fourValues * nextPowers;
      }
    }
  }
  storeRow(row, head, quad, &own);
  if (row + 1u < task.rows) {
    storeRow(row + 1u, head, quad, &next);
  }
}
