// Rotates neighbouring pairs of queries and keys by their positions and clamps the values: rule S8 of the exact lane.
//   x: i32[rows, heads, 2 * half]       the first `rotated` heads are queries and keys (Q10), the others values
//   position: u32[rows]                 of each row, an index into the tables
//   cosines, sines: i32[positions, half], 2^14 times the true ones, given as data
//   y: i32[rows, heads, 2 * half]       queries and keys in Q7 within +-5792, values within +-16383
@group(0) @binding(1) var<storage, read> x: array<i32>;
@group(0) @binding(2) var<storage, read> position: array<u32>;
@group(0) @binding(3) var<storage, read> cosines: array<i32>;
@group(0) @binding(4) var<storage, read> sines: array<i32>;
@group(0) @binding(5) var<storage, read_write> y: array<i32>;

override lanes: u32 = 64u;

// One invocation works on one pair.
@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(global_invocation_id) cell: vec3u) {
  let row = task.firstRow + cell.y;
  let pair = task.firstColumn + cell.x;
  if (row >= task.rows || pair >= task.heads * task.half) {
    return;
  }
  let at = (row * task.heads * task.half + pair) * 2u;
  let first = x[at];
  let second = x[at + 1u];
  if (pair >= task.rotated * task.half) {
    y[at] = clamp(first, -16383, 16383);
    y[at + 1u] = clamp(second, -16383, 16383);
    return;
  }
  let angle = min(position[row], task.positions - 1u) * task.half + pair % task.half;
  let a = clamp(first, -32767, 32767);
  let b = clamp(second, -32767, 32767);
  let c = cosines[angle];
  let s = sines[angle];
  y[at] = clamp((a * c - b * s + 65536) >> 17u, -5792, 5792);
  y[at + 1u] = clamp((a * s + b * c + 65536) >> 17u, -5792, 5792);
}
