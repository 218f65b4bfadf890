// silu(gate) * up, where silu(x) = x * sigmoid(x).
//   gateUp: f32[rows, 2, n]      gate, then up; finite
//   y: f32[rows, n]
@group(0) @binding(1) var<storage, read> gateUp: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

override lanes: u32 = 64u;

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(global_invocation_id) cell: vec3u) {
  let row = task.firstRow + cell.y;
  let column = task.firstColumn + cell.x;
  if (row >= task.rows || column >= task.n) {
    return;
  }
  let at = row * 2u * task.n + column;
  let gate = gateUp[at];
  y[row * task.n + column] = timesSigmoid(gate, gate) * gateUp[at + task.n];
}
