// Rotary positions: each head's pairs (a, b) become (a cos - b sin, a sin + b cos). A pair is two neighbours where
// task.interleaved is 1, else element i and element half + i. Angles come as tables: WGSL's own sine is coarse.
//   x: f32[rows, heads, 2 * half]
//   position: u32[rows]                             past the tables' end it counts as their last one
//   cosines, sines: f32[positions, half]
//   y: f32[rows, heads, 2 * half]
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> position: array<u32>;
@group(0) @binding(3) var<storage, read> cosines: array<f32>;
@group(0) @binding(4) var<storage, read> sines: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

override lanes: u32 = 64u;

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(global_invocation_id) cell: vec3u) {
  let row = task.firstRow + cell.y;
  let pair = task.firstColumn + cell.x;
  if (row >= task.rows || pair >= task.heads * task.half) {
    return;
  }
  let head = pair / task.half;
  let i = pair % task.half;
  let start = (row * task.heads + head) * 2u * task.half;
  let first = start + select(i, 2u * i, task.interleaved == 1u);
  let second = select(first + task.half, first + 1u, task.interleaved == 1u);
  let angle = min(position[row], task.positions - 1u) * task.half + i;
  let a = x[first];
  let b = x[second];
  y[first] = a * cosines[angle] - b * sines[angle];
  y[second] = a * sines[angle] + b * cosines[angle];
}
