struct Task {
  n: u32,
  k: u32,
  blocks: u32,
  unused: u32,
  firstRow: u32,
  firstColumn: u32,
}
@group(0) @binding(0) var<uniform> task: Task;
