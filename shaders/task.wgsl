// Binding 0 of every pass: the task's shape, where the band starts, and the two seed bases.
struct Task {
  m: u32,
  k: u32,
  n: u32,
  firstRow: u32,
  firstColumn: u32,
  // pcg(i + pcg(seed)) for input i: 0 is a, 1 is b. Zero where the inputs are given.
  seedA: u32,
  seedB: u32,
  unused: u32,
}
@group(0) @binding(0) var<uniform> task: Task;
