struct Task {
  rows: u32,
  before: u32,
  kvHeads: u32,
  group: u32,
  width: u32,
  window: u32,
  scale: f32,
  firstRow: u32,
  firstColumn: u32,
}
@group(0) @binding(0) var<uniform> task: Task;

fn headsOf() -> u32 {
  return task.kvHeads * task.group;
}

// Vec4s of a head.
fn quadsOf() -> u32 {
  return task.width / 4u;
}

// Rows of the cache.
fn keysOf() -> u32 {
  return task.before + task.rows;
}

// The first key that a row of queries sees; its own is the last one.
fn firstKeyOf(row: u32) -> u32 {
  let seen = task.before + row + 1u;
  return seen - min(seen, task.window);
}

// Where a row of keys or values begins for a head of queries; past the end it is the last row.
fn startOf(key: u32, head: u32) -> u32 {
  return (min(key, keysOf() - 1u) * task.kvHeads + head / task.group) * quadsOf();
}

// Where a query begins; past the end it is the last row's.
fn queryOf(row: u32, head: u32) -> u32 {
  return (min(row, task.rows - 1u) * headsOf() + head) * quadsOf();
}
