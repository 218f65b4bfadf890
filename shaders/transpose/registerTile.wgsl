// Transposes a matrix of 32-bit words in registers alone: one invocation turns a block of 4 x 4.
//   x: u32[rows, columns]   y: u32[columns, rows]
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

override lanes: u32 = 32u;

fn store(column: u32, row: u32, words: vec4u) {
  if (column >= task.columns) {
    return;
  }
  let at = column * task.rows + row;
  y[at] = words.x;
  if (row + 1u < task.rows) { y[at + 1u] = words.y; }
  if (row + 2u < task.rows) { y[at + 2u] = words.z; }
  if (row + 3u < task.rows) { y[at + 3u] = words.w; }
}

@compute @workgroup_size(lanes, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = task.firstRow + group.y * 4u;
  let column = task.firstColumn + (group.x * lanes + local) * 4u;
  if (row >= task.rows) {
    return;
  }
  // Reads past the edge are clamped to the last row and column; only stores are guarded.
  let starts = min(vec4u(row) + vec4u(0u, 1u, 2u, 3u), vec4u(task.rows - 1u)) * task.columns;
  let read = min(vec4u(column) + vec4u(0u, 1u, 2u, 3u), vec4u(task.columns - 1u));
  store(column, row, wordsOf(starts, read.x));
  store(column + 1u, row, wordsOf(starts, read.y));
  store(column + 2u, row, wordsOf(starts, read.z));
  store(column + 3u, row, wordsOf(starts, read.w));
}

// Four words of a column.
fn wordsOf(starts: vec4u, column: u32) -> vec4u {
  return vec4u(x[starts.x + column], x[starts.y + column], x[starts.z + column], x[starts.w + column]);
}
