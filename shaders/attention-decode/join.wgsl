// The splits of each head become one: sums rescaled to the largest of their exponents. Four columns an invocation.
//   mixed: vec4<f32>[heads, splits, width / 4]
//   sums: OnlineSum[heads, splits]
//   y: vec4<f32>[heads, width / 4]
@group(0) @binding(1) var<storage, read> mixed: array<vec4f>;
@group(0) @binding(2) var<storage, read> sums: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

override lanes: u32 = 64u;

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(global_invocation_id) cell: vec3u) {
  let head = task.firstRow + cell.y;
  let quad = task.firstColumn + cell.x;
  if (head >= headsOf() || quad >= quadsOf()) {
    return;
  }
  let start = head * task.splits;
  var most = lowest;
  for (var split = 0u; split < task.splits; split++) {
    most = max(most, sums[start + split].x);
  }
  var all = 0.0;
  var sum = vec4f();
  for (var split = 0u; split < task.splits; split++) {
    let part = sums[start + split];
    let factor = powerOf(part.x - most);
    all += factor * part.y;
    sum += factor * mixed[(start + split) * quadsOf() + quad];
  }
  y[head * quadsOf() + quad] = sum / all;
}
