struct Task {
  // Of the scan of the counts.
  rows: u32,
  n: u32,
  parts: u32,
  chunk: u32,
  exclusive: u32,
  // Of the sort.
  keys: u32,
  blocks: u32,
  blockKeys: u32,
  shift: u32,
  payload: u32,
  firstRow: u32,
  firstColumn: u32,
}
@group(0) @binding(0) var<uniform> task: Task;
