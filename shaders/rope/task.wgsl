struct Task {
  rows: u32,
  heads: u32,
  half: u32,
  positions: u32,
  interleaved: u32,
  firstRow: u32,
  firstColumn: u32,
}
@group(0) @binding(0) var<uniform> task: Task;
