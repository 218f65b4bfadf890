struct Task {
  rows: u32,
  before: u32,
  kvHeads: u32,
  group: u32,
  width: u32,
  firstRow: u32,
  firstColumn: u32,
}
@group(0) @binding(0) var<uniform> task: Task;

fn headsOf() -> u32 {
  return task.kvHeads * task.group;
}

// Rows of the key and value caches.
fn keysOf() -> u32 {
  return task.before + task.rows;
}

// How many keys a query sees: those before it and its own. A query is numbered row * heads + head.
fn visibleTo(query: u32) -> u32 {
  return task.before + query / headsOf() + 1u;
}
