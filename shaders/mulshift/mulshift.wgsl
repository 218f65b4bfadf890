// Accumulators of a matrix product become fixed-point numbers, and are added to the residual stream where there is one:
// rule S5 of the exact lane (and S7 for the sum).
//   accumulators: i32[rows, n]
//   rowScales: u32[rows], rowExponents: i32[rows]        scale and exponent of each row of activations
//   columnScales: u32[n], columnExponents: i32[n]        scale and exponent of each row of weights
//   residual: i32[residual * rows, n]                    read where task.residual is 1
//   y: i32[rows, n]                                      with task.fraction bits after the point
@group(0) @binding(1) var<storage, read> accumulators: array<i32>;
@group(0) @binding(2) var<storage, read> rowScales: array<u32>;
@group(0) @binding(3) var<storage, read> rowExponents: array<i32>;
@group(0) @binding(4) var<storage, read> columnScales: array<u32>;
@group(0) @binding(5) var<storage, read> columnExponents: array<i32>;
@group(0) @binding(6) var<storage, read> residual: array<i32>;
@group(0) @binding(7) var<storage, read_write> y: array<i32>;

override lanes: u32 = 64u;

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(global_invocation_id) cell: vec3u) {
  let row = task.firstRow + cell.y;
  let column = task.firstColumn + cell.x;
  if (row >= task.rows || column >= task.n) {
    return;
  }
  let at = row * task.n + column;
  let shift = -(rowExponents[row] + columnExponents[column] + task.fraction);
  let value = scaled(accumulators[at], rowScales[row] * columnScales[column], shift);
  if (task.residual == 1u) {
    y[at] = residualSum(residual[at], value);
  } else {
    y[at] = value;
  }
}
