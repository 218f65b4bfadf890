struct Task {
  m: u32,
  n: u32,
  k: u32,
  blocks: u32,
  firstRow: u32,
  firstColumn: u32,
}
@group(0) @binding(0) var<uniform> task: Task;
