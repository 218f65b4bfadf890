// One head and one split of the keys a workgroup: scores, their powers and the weighted sums of the values, all in
// workgroup memory. `combineRow` is of onlineSum.wgsl.
//   queries: vec4<f32>[heads, width / 4]
//   keys: vec4<f32>[keys, kvHeads, width / 4]
//   values: vec4<f32>[keys, kvHeads, width / 4]
//   mixed: vec4<f32>[heads, splits, width / 4]
//   sums: OnlineSum[heads, splits]
@group(0) @binding(1) var<storage, read> queries: array<vec4f>;
@group(0) @binding(2) var<storage, read> keys: array<vec4f>;
@group(0) @binding(3) var<storage, read> values: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> mixed: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> sums: array<vec2f>;

override chunk: u32 = 128u;

// Scores, then powers.
var<workgroup> sharedPowers: array<f32, chunk>;
var<workgroup> sharedSums: array<vec4f, lanes>;

fn scoreOf(key: u32, head: u32) -> f32 {
  let left = head * quadsOf();
  let right = startOf(key, head);
  var sum = 0.0;
  for (var quad = 0u; quad < quadsOf(); quad++) {
    sum += dot(queries[left + quad], keys[right + quad]);
  }
  return sum * task.scale;
}

@compute @workgroup_size(lanes, 1, 1)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) local: u32,
  place: Place,
) {
  let part = task.firstRow + workgroup.y;
  if (part >= headsOf() * task.splits) {
    return;
  }
  let head = part / task.splits;
  let firstKey = part % task.splits * chunk;
  let count = min(chunk, task.visible - firstKey);
  var own = identity;
  for (var key = local; key < count; key += lanes) {
    let score = scoreOf(firstKey + key, head);
    sharedPowers[key] = score;
    own.most = max(own.most, score);
  }
  for (var key = local; key < count; key += lanes) {
    own.sum += powerOf(sharedPowers[key] - own.most);
  }
  let all = combineRow(own, local, place);
  for (var key = local; key < count; key += lanes) {
    sharedPowers[key] = powerOf(sharedPowers[key] - all.most);
  }
  if (local == 0u) {
    sums[part] = vec2f(all.most, all.sum);
  }
  workgroupBarrier();
  // As many invocations as there are columns to fill make a team; the teams take turns at the keys.
  let members = min(quadsOf(), lanes);
  let teams = lanes / members;
  let team = local / members;
  for (var first = 0u; first < quadsOf(); first += members) {
    let quad = first + local % members;
    var sum = vec4f();
    if (team < teams && quad < quadsOf()) {
      for (var key = team; key < count; key += teams) {
        sum += sharedPowers[key] * values[startOf(firstKey + key, head) + quad];
      }
    }
    sharedSums[local] = sum;
    workgroupBarrier();
    if (team == 0u && quad < quadsOf()) {
      for (var other = 1u; other < teams; other++) {
        sum += sharedSums[local + other * members];
      }
      mixed[part * quadsOf() + quad] = sum;
    }
    // A head that takes several rounds has one team, which reads no sums of others: the next round may write its own.
  }
}
