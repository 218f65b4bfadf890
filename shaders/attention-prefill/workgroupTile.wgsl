// Causal attention of 16 neighbouring rows of queries of one head a workgroup of 16 x 16 invocations. Keys and then
// values come 16 at a time through workgroup memory, those of wide heads in two parts: 16 of 128 columns fit what every
// device has. Invocation (x, y) works out the score of row y and key x, and gathers up to two vec4s of row y and each
// part: columns x and 16 + x of it. `lowest` and `powerOf` are of onlineSum.wgsl.
//   queries: vec4<f32>[rows, heads, width / 4]
//   keys: vec4<f32>[before + rows, kvHeads, width / 4]
//   values: vec4<f32>[before + rows, kvHeads, width / 4]
//   y: vec4<f32>[rows, heads, width / 4]
@group(0) @binding(1) var<storage, read> queries: array<vec4f>;
@group(0) @binding(2) var<storage, read> keys: array<vec4f>;
@group(0) @binding(3) var<storage, read> values: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

// Vec4s of a head.
override quads: u32 = 16u;
// Those of them that lie in workgroup memory at a time: all, or half of them; at most 32.
override part: u32 = 16u;

// 16 keys or values, one behind the other; a column more, so that neighbouring rows lie in other banks.
var<workgroup> sharedRows: array<vec4f, 16u * (part + 1u)>;
var<workgroup> sharedScores: array<array<f32, 17>, 16>;

@compute @workgroup_size(16, 16, 1)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) local: vec3u) {
  // A row of cells is one row of queries of one head, 16 of them a workgroup.
  let tiles = (task.rows + 15u) / 16u;
  let tile = task.firstRow / 16u + workgroup.y;
  if (tile >= headsOf() * tiles) {
    return;
  }
  let head = tile / tiles;
  let firstRow = tile % tiles * 16u;
  let lastRow = min(firstRow + 15u, task.rows - 1u);
  let row = min(firstRow + local.y, lastRow);
  let query = queryOf(row, head);
  let firstSeen = firstKeyOf(row);
  let lastSeen = task.before + row;
  var most = lowest;
  var sum = 0.0;
  var near = vec4f();
  var far = vec4f();
  // Those of the second part.
  var nextNear = vec4f();
  var nextFar = vec4f();
  // From the first key that the tile's first row sees to its last row's own.
  for (var first = firstKeyOf(firstRow); first <= task.before + lastRow; first += 16u) {
    let start = startOf(first + local.y, head);
    for (var quad = local.x; quad < part; quad += 16u) {
      sharedRows[local.y * (part + 1u) + quad] = keys[start + quad];
    }
    workgroupBarrier();
    var score = 0.0;
    for (var quad = 0u; quad < part; quad++) {
      score += dot(queries[query + quad], sharedRows[local.x * (part + 1u) + quad]);
    }
    if (part < quads) {
      workgroupBarrier();
      for (var quad = local.x; quad < quads - part; quad += 16u) {
        sharedRows[local.y * (part + 1u) + quad] = keys[start + part + quad];
      }
      workgroupBarrier();
      for (var quad = 0u; quad < quads - part; quad++) {
        score += dot(queries[query + part + quad], sharedRows[local.x * (part + 1u) + quad]);
      }
    }
    let key = first + local.x;
    let isSeen = key >= firstSeen && key <= lastSeen;
    sharedScores[local.y][local.x] = select(lowest, score * task.scale, isSeen);
    workgroupBarrier();
    for (var quad = local.x; quad < part; quad += 16u) {
      sharedRows[local.y * (part + 1u) + quad] = values[start + quad];
    }
    // Every invocation of a row comes to the same largest score.
    var top = most;
    for (var at = 0u; at < 16u; at++) {
      top = max(top, sharedScores[local.y][at]);
    }
    let factor = powerOf(most - top);
    most = top;
    sum *= factor;
    nextNear *= factor;
    nextFar *= factor;
    near *= factor;
    far *= factor;
    workgroupBarrier();
    for (var at = 0u; at < 16u; at++) {
      let seen = first + at >= firstSeen && first + at <= lastSeen;
      let power = select(0.0, powerOf(sharedScores[local.y][at] - most), seen);
      sum += power;
      near += power * sharedRows[at * (part + 1u) + min(local.x, part - 1u)];
      if (part > 16u) {
        far += power * sharedRows[at * (part + 1u) + min(local.x + 16u, part - 1u)];
      }
    }
    if (part < quads) {
      workgroupBarrier();
      for (var quad = local.x; quad < quads - part; quad += 16u) {
        sharedRows[local.y * (part + 1u) + quad] = values[start + part + quad];
      }
      workgroupBarrier();
      for (var at = 0u; at < 16u; at++) {
        let seen = first + at >= firstSeen && first + at <= lastSeen;
        let power = select(0.0, powerOf(sharedScores[local.y][at] - most), seen);
        nextNear += power * sharedRows[at * (part + 1u) + min(local.x, quads - part - 1u)];
        nextFar += power * sharedRows[at * (part + 1u) + min(local.x + 16u, quads - part - 1u)];
      }
    }
    // The next keys take the place of these values.
    workgroupBarrier();
  }
  if (firstRow + local.y <= lastRow) {
    if (local.x < part) { y[query + local.x] = near / sum; }
    if (local.x + 16u < part) { y[query + local.x + 16u] = far / sum; }
    let next = part + local.x;
    if (next < quads) { y[query + next] = nextNear / sum; }
    if (next + 16u < quads) { y[query + next + 16u] = nextFar / sum; }
  }
}
