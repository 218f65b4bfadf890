struct Task {
  n: u32,
  // Digests that this pass makes a smaller number of.
  digests: u32,
  last: u32,
  firstRow: u32,
  firstColumn: u32,
}
@group(0) @binding(0) var<uniform> task: Task;
