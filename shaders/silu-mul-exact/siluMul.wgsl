// silu(gate) * up in fixed point, the sigmoid from a table: rule S10 of the exact lane.
//   gateUp: i32[rows, 2, n]      gate (Q16), then up (Q16)
//   sigmoids: u32[1025]          2^16 times the sigmoid of i / 64, given as data
//   y: i32[rows, n]              Q16, saturating
@group(0) @binding(1) var<storage, read> gateUp: array<i32>;
@group(0) @binding(2) var<storage, read> sigmoids: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<i32>;

override lanes: u32 = 64u;

// The sigmoid of x (Q16), Q16: between two entries of the table by a straight line, 1 from 16 on.
fn sigmoidOf(x: i32) -> u32 {
  let size = magnitudeOf(x);
  var sigmoid = 65536u;
  if (size < (16u << 16u)) {
    let entry = size >> 10u;
    let below = sigmoids[entry];
    sigmoid = below + (((sigmoids[entry + 1u] - below) * (size & 1023u) + 512u) >> 10u);
  }
  return select(sigmoid, 65536u - sigmoid, x < 0);
}

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(global_invocation_id) cell: vec3u) {
  let row = task.firstRow + cell.y;
  let column = task.firstColumn + cell.x;
  if (row >= task.rows || column >= task.n) {
    return;
  }
  let at = row * 2u * task.n + column;
  let gate = gateUp[at];
  let up = gateUp[at + task.n];
  let product = mulshift(mulshift(gate, sigmoidOf(gate), 16u), magnitudeOf(up), 16u);
  y[row * task.n + column] = select(product, -product, up < 0);
}
